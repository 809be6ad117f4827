"""What every command shares: exit codes, the ladder from exceptions to them, settings, the runtime and two consoles."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from rich.console import Console

    from graph.runtime import Runtime
    from settings import Settings
    from store.ports import Store

T = TypeVar("T")


class Exit(IntEnum):
    """What a command's exit code says."""

    DONE = 0
    """Done, and nothing waits for a person."""
    BUG = 1
    """A bug, or a check that does not hold (`audit verify`, `doctor`)."""
    USAGE = 2
    """The command, a file it names or a setting is wrong."""
    REVIEW = 10
    """Finished, and something waits for a person."""
    REJECTED = 20
    """The document is at fault."""
    UNAVAILABLE = 30
    """Provider or store cannot be reached; the same command goes on later."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C."""


class Ladder(TyperGroup):
    """A group of commands whose exceptions become exit codes and sentences in one place."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            say("Stopped. What is finished is kept: the same command resumes where it stopped.")
            raise typer.Exit(Exit.INTERRUPTED) from None
        except Exception as error:
            if isinstance(error, typer.Exit | typer.Abort) or hasattr(error, "exit_code"):
                raise
            raise typer.Exit(tell(error)) from error


def tell(error: Exception) -> Exit:
    """Say on stderr what went wrong and what to do next; return the exit code."""
    # Imported here: this is the way out, and most runs never take it.
    from pydantic_settings import SettingsError

    from agent.models import UnknownModel
    from evals.errors import EvalError
    from graph.calibrator import CalibratorError
    from store.errors import Conflict, NotFound, Unavailable
    from taxonomy.errors import TaxonomyError
    from tools.errors import DocumentRejected

    match error:
        case DocumentRejected():
            say(f"{error.code}: {error.message}\n{error.advice}")
            return Exit.REJECTED
        case Unavailable():
            say(f"unavailable: {error}\nNothing is lost: the same command goes on where it stopped.")
            return Exit.UNAVAILABLE
        case TaxonomyError() | EvalError() | CalibratorError() | UnknownModel() | NotFound() | Conflict():
            say(str(error))
            return Exit.USAGE
        case SettingsError():
            say(f"settings: {error}")
            return Exit.USAGE
        case _:
            say("".join(traceback.format_exception(error)).rstrip())
            say("This is a bug. Please report it with the lines above.")
            return Exit.BUG


def fail(message: str, code: Exit = Exit.USAGE) -> NoReturn:
    """Leave with a sentence on stderr."""
    say(message)
    raise typer.Exit(code)


def say(message: str) -> None:
    """A line for people; stdout is kept for what was asked for."""
    typer.echo(message, err=True)


def put(text: str) -> None:
    """The answer itself, on stdout."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def stdout() -> Console:
    from rich.console import Console

    return Console(highlight=False)


def stderr() -> Console:
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's asynchronous part; Ctrl-C cancels it and comes out as KeyboardInterrupt."""
    return asyncio.run(work)


def read_settings() -> Settings:
    """The settings; leave with the names of the wrong ones."""
    import os

    from pydantic import ValidationError

    from settings import Settings

    try:
        settings = Settings()
    except ValidationError as error:
        wrong = (f"{_variable(str(e['loc'][0]))}: {e['msg']} (given: {e['input']!r})" for e in error.errors())
        fail("Settings that cannot be used:\n  " + "\n  ".join(wrong))
    # Provider clients read their own variables; a key that stands only in .env has to reach them too.
    if settings.openai_api_key is not None:
        os.environ.setdefault("OPENAI_API_KEY", settings.openai_api_key.get_secret_value())
    if settings.openai_base_url is not None:
        os.environ.setdefault("OPENAI_BASE_URL", settings.openai_base_url)
    return settings


def _variable(field: str) -> str:
    return field if field.isupper() else f"PAGETRAIL_{field.upper()}"


@asynccontextmanager
async def store_of(settings: Settings) -> AsyncIterator[Store]:
    """The embedded store alone, for commands that only read and write records."""
    from store.sqlite import open_store

    store = await open_store(settings.home)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def runtime_of(settings: Settings) -> AsyncIterator[Runtime]:
    """Everything that is needed to work on a packet in this process."""
    from dataclasses import replace
    from functools import partial

    from agent.models import tiers
    from graph.runtime import open_runtime
    from tools.pdf import Limits

    async with open_runtime(settings.home, slots=settings.page_slots, lease_s=settings.lease_s) as runtime:
        runtime.means = replace(
            runtime.means,
            limits=Limits(
                max_pages=settings.max_pages,
                max_bytes=settings.max_packet_mb * 1024**2,
                page_timeout_s=settings.page_timeout_s,
                children=settings.page_slots,
            ),
            model_factory=partial(tiers, cascade_model=settings.cascade_model, timeout_s=settings.model_timeout_s),
            most_turns=settings.turns_per_page,
        )
        yield runtime
