"""The door for people: `pagetrail COMMAND`. Each command lives in `cli/`; nothing heavy is imported before one runs."""

from __future__ import annotations

import gc

import typer

from cli import audit, evals, examples, review, taxonomy
from cli.classify import classify
from cli.doctor import doctor
from cli.door import Ladder
from cli.jobs import jobs

COLLECT_AFTER = 10_000
"""New objects after which the collector looks for dead ones; the words of one page are more than Python's 700."""

app = typer.Typer(
    cls=Ladder,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: importing the rich formatter takes longer than all the rest
    help="Says what each page of a loan packet is, groups pages into documents, keeps the reason for every step.",
)
app.command()(classify)
app.add_typer(audit.app, name="audit")
app.add_typer(review.app, name="review")
app.add_typer(taxonomy.app, name="taxonomy")
app.add_typer(examples.app, name="examples")
app.add_typer(evals.app, name="eval")
app.command()(evals.synth)
app.command()(jobs)
app.command()(doctor)


def main() -> None:
    """Entry point of the `pagetrail` script."""
    gc.set_threshold(COLLECT_AFTER)
    app()


if __name__ == "__main__":
    main()
