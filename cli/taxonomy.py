"""`pagetrail taxonomy`: check a file, read one, compare two."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import door

app = typer.Typer(help="Check, read and compare taxonomies.", no_args_is_help=True)

Source = Annotated[
    str, typer.Argument(metavar="NAME|FILE", help="A shipped taxonomy (name, name@version) or a YAML file.")
]


@app.command()
def lint(source: Source = "lending") -> None:
    """Check a taxonomy; every problem is told with file, line, column and what to do. Exit 2 where there is one."""
    from taxonomy import load

    taxonomy = load(source)
    labels, rules = len(taxonomy.labels), len(taxonomy.rules)
    door.put(
        f"{taxonomy.name} version {taxonomy.version} is sound: {labels} labels, {rules} rules, sha256 {taxonomy.sha256}"
    )


@app.command()
def show(
    source: Source = "lending",
    label: Annotated[str | None, typer.Option(help="All that is known of one label.")] = None,
) -> None:
    """Show labels and rules, or one label with its cues."""
    from taxonomy import load
    from views import taxonomies

    taxonomy = load(source)
    if label is None:
        taxonomies.show(taxonomy, door.stdout())
    elif label in taxonomy.labels:
        taxonomies.show_label(taxonomy.labels[label], door.stdout())
    else:
        door.fail(f"{taxonomy.name} has no label {label!r}. It has: {', '.join(taxonomy.labels)}.")


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
    from taxonomy import load
    from views import taxonomies

    taxonomies.show_differences(taxonomies.differences(load(old), load(new)), door.stdout())
