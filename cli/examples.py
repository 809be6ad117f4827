"""`pagetrail examples`: the labelled pages that retrieval learns from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import door

if TYPE_CHECKING:
    from settings import Settings
    from store.records import Example
    from tools.retrieval import Neighbour

app = typer.Typer(
    help="Add, list, search and delete labelled pages to retrieve from.", no_args_is_help=True, rich_markup_mode=None
)

Set = Annotated[str | None, typer.Option("--set", help="Example set.  [default: the tenant's own]")]


@app.command()
def add(
    folder: Annotated[
        Path,
        typer.Argument(
            help="A dataset folder, or one folder a label holding PDFs and images.",
            exists=True,
            file_okay=False,
            show_default=False,
        ),
    ],
    of: Set = None,
) -> None:
    """Read labelled pages and add what is new; adding the same page again changes nothing."""
    settings = door.read_settings()
    new, total = door.run(_add(folder, of or settings.tenant, settings))
    door.put(f"{new} new examples; the set holds {total}.")


@app.command(name="list")
def list_(
    label: Annotated[str | None, typer.Option(help="Only this label.")] = None,
    of: Set = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON line an example, with its text.")] = False,
) -> None:
    """List the examples of a set."""
    settings = door.read_settings()
    found = door.run(_all(label, of or settings.tenant, settings))
    if json:
        for example in found:
            door.put(example.model_dump_json(exclude={"look"}))
        return
    from rich.text import Text

    from views.wording import count, shorten

    console = door.stdout()
    for example in found:
        line = Text.assemble((f"{example.id[:18]:<18}  ", "dim"), (f"{example.label:<24}  ", "bold"))
        line.append(shorten(example.text, max(20, console.width - 52)))
        console.print(line, no_wrap=True, overflow="ellipsis")
    console.print(Text(count(len(found), "example"), style="dim"))


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="Words as they would stand on a page.", show_default=False)],
    k: Annotated[int, typer.Option(min=1, max=50, help="How many to show.")] = 5,
    of: Set = None,
) -> None:
    """Show the examples that resemble a text most, as the agent would see them."""
    from views.wording import score, shorten

    settings = door.read_settings()
    for hit in door.run(_search(text, k, of or settings.tenant, settings)):
        door.put(f"{score(hit.similarity)}  {hit.label:<24}  {shorten(hit.snippet, 80)}")


@app.command()
def delete(
    ids: Annotated[
        list[str], typer.Argument(metavar="ID...", help="Ids as `list --json` shows them.", show_default=False)
    ],
    of: Set = None,
) -> None:
    """Delete examples for good; indexes forget them at their next use."""
    settings = door.read_settings()
    gone = door.run(_delete(ids, of or settings.tenant, settings))
    door.put(f"{gone} of {len(ids)} deleted.")
    if gone < len(ids):
        door.fail("The others are not in this set: `pagetrail examples list --json` shows full ids.")


async def _add(folder: Path, of: str, settings: Settings) -> tuple[int, int]:
    from cli.labelled import read_folder
    from taxonomy import load

    taxonomy = load(settings.taxonomy)
    async with door.store_of(settings) as store:
        before = len(await store.examples.all(of))
        await store.examples.add((await read_folder(folder, store, taxonomy)).examples, of)
        total = len(await store.examples.all(of))
        return total - before, total


async def _all(label: str | None, of: str, settings: Settings) -> list[Example]:
    async with door.store_of(settings) as store:
        return list(await store.examples.all(of, label))


async def _search(text: str, k: int, of: str, settings: Settings) -> list[Neighbour]:
    import asyncio

    from tools.retrieval import ExampleIndex, LocalEmbedder

    async with door.store_of(settings) as store:
        index = await ExampleIndex.open(store.examples, [of], settings.home / "index", LocalEmbedder())
        try:
            return await asyncio.to_thread(index.search, text, None, k)
        finally:
            await index.close()


async def _delete(ids: list[str], of: str, settings: Settings) -> int:
    async with door.store_of(settings) as store:
        return await store.examples.delete(ids, of)
