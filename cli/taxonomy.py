"""`pagetrail taxonomy`: check a file, read one, compare two."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from cli import door

if TYPE_CHECKING:
    from taxonomy import Taxonomy, TaxonomyDiff

app = typer.Typer(help="Check, read and compare taxonomies.", no_args_is_help=True, rich_markup_mode=None)

Source = Annotated[
    str, typer.Argument(metavar="NAME|FILE", help="A shipped taxonomy (name, name@version) or a YAML file.")
]


@app.command()
def lint(source: Source = "lending") -> None:
    """Check a taxonomy. Mistakes are told with file, line and column, and exit 2; doubts are told and do no harm."""
    import taxonomy

    checked = taxonomy.load(source)
    doubts = taxonomy.lint(checked)
    for doubt in doubts:
        door.put(f"{doubt.where}: {doubt.message} [{doubt.code}]")
    said = f"{len(checked.labels)} labels, {len(checked.rules)} rules, {len(doubts)} doubts, sha256 {checked.sha256}"
    door.put(f"{checked.name} version {checked.version} is sound: {said}")


@app.command()
def show(
    source: Source = "lending",
    label: Annotated[str | None, typer.Option(help="All that is known of one label.")] = None,
) -> None:
    """Show labels and rules, or one label with its cues, as Markdown."""
    import taxonomy

    text = taxonomy.show(taxonomy.load(source), label)
    console = door.stdout()
    if console.is_terminal:
        from rich.markdown import Markdown

        console.print(Markdown(text))
    else:
        door.put(text)


@app.command()
def schema() -> None:
    """Print the JSON Schema of taxonomy files, for editors."""
    import json

    from taxonomy import json_schema

    door.put(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@app.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A shipped taxonomy or a YAML file.", show_default=False)],
    new: Annotated[str, typer.Argument(metavar="NEW", help="A shipped taxonomy or a YAML file.", show_default=False)],
) -> None:
    """Show what NEW says that OLD did not, and the other way round."""
    import taxonomy

    before, after = taxonomy.load(old), taxonomy.load(new)
    lines = list(_told(taxonomy.diff(before, after), before, after))
    door.put("\n".join(lines) if lines else "They say the same.")


def _told(found: TaxonomyDiff, old: Taxonomy, new: Taxonomy) -> Iterator[str]:
    yield from (f"- label {code}: {old.labels[code].name}" for code in found.removed)
    yield from (f"+ label {code}: {new.labels[code].name}" for code in found.added)
    for change in found.changed:
        yield f"~ label {change.label}"
        for name in change.fields:
            before, after = getattr(old.labels[change.label], name), getattr(new.labels[change.label], name)
            yield f"    {name}: {before} → {after}"
        yield from (f"    - {cue.kind} {cue.text} ({cue.weight:g})" for cue in change.cues_removed)
        yield from (f"    + {cue.kind} {cue.text} ({cue.weight:g})" for cue in change.cues_added)
    yield from (f"~ rule {rule}" for rule in found.rules)
    yield from (f"~ identity {kind}" for kind in found.identity_kinds)
