"""What every command shares: exit codes, the ladder from exceptions to them, settings, the runtime and two consoles."""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from agent.routes import RouteFactory
    from graph.calibrator import Calibrator
    from graph.runtime import Runtime
    from settings import Settings
    from store.ports import Store
    from store.records import Budget

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


_CODES = {
    "tools.errors.DocumentRejected": Exit.REJECTED,
    "store.errors.Unavailable": Exit.UNAVAILABLE,
    "store.errors.NotFound": Exit.USAGE,
    "store.errors.Conflict": Exit.USAGE,
    "taxonomy.errors.TaxonomyError": Exit.USAGE,
    "agent.models.UnknownModel": Exit.USAGE,
    "graph.calibrator.CalibratorError": Exit.USAGE,
    "graph.opening.PinMissing": Exit.USAGE,
    "evals.errors.EvalError": Exit.USAGE,
    "tools.retrieval.importing.NotAnExampleFolder": Exit.USAGE,
}
"""By name, because importing the rooms for the sake of their errors would make every mistake take seconds."""


def tell(error: Exception) -> Exit:
    """Say on stderr what went wrong and what to do next; return the exit code."""
    code = code_of(error)
    match code:
        case Exit.REJECTED:
            # Only DocumentRejected has this code.
            say(f"{getattr(error, 'code', '')}: {error}\n{getattr(error, 'advice', '')}")
        case Exit.UNAVAILABLE:
            say(f"unavailable: {error}\nNothing is lost: the same command goes on where it stopped.")
        case Exit.USAGE:
            say(str(error))
        case _:
            import traceback

            say("".join(traceback.format_exception(error)).rstrip())
            say("This is a bug. Please report it with the lines above.")
    return code


def code_of(error: Exception) -> Exit:
    """The exit code of the nearest known kind of error; anything else is a bug."""
    names = (f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__)
    return next((_CODES[name] for name in names if name in _CODES), Exit.BUG)


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


def check_model(model: str, budget: Budget, settings: Settings) -> bool:
    """Whether a provider is asked. Raise UnknownModel for a name, a missing key or price, before there is a job."""
    from agent.routes import must_be_priced

    route = routes_of(settings)(model)
    if budget.usd is not None or settings.tenant_usd_per_day is not None:
        must_be_priced(route)
    return any(not tier.model.free for tier in route.tiers)


def routes_of(settings: Settings) -> RouteFactory:
    """From the name of a route to its models, by the table and the models that the settings name."""
    from functools import partial

    from agent.limiter import CallLimits
    from agent.routes import load_table, route

    limits = CallLimits(
        settings.model_connections, settings.model_requests_per_minute, settings.model_tokens_per_minute
    )
    replaced = {
        "cascade_model": settings.cascade_model,
        "vision_model": settings.vision_model or settings.cascade_model,
    }
    return partial(
        route, table=load_table(settings.routes), replaced=replaced, timeout_s=settings.model_timeout_s, limits=limits
    )


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's asynchronous part; Ctrl-C cancels it and comes out as KeyboardInterrupt."""
    import asyncio

    _give_large_buffers_back()
    return asyncio.run(work)


def _give_large_buffers_back() -> None:
    """Let glibc return page images to the system when they are freed.

    Left to itself it learns to keep ever larger ones in the arenas of the threads: 300 MB after 300 scanned pages.
    """
    import ctypes

    mmap_threshold, arena_max = -3, -8  # M_MMAP_THRESHOLD, M_ARENA_MAX of <malloc.h>
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # not every C library has it, and none needs it
    if mallopt is not None:
        mallopt(mmap_threshold, 1 << 20)
        mallopt(arena_max, 2)


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
    # Clients of providers and receivers read their own variables; what stands only in .env has to reach them too.
    for name, value in settings.of_clients().items():
        os.environ.setdefault(name, value)
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
async def runtime_of(
    settings: Settings,
    calibrator: Calibrator | None = None,
    cache_home: Path | None = None,
    asks_provider: bool = False,
    keep_hidden: bool = False,
) -> AsyncIterator[Runtime]:
    """Everything that is needed to work on a packet in this process.

    `calibrator` replaces the shipped one, `cache_home` is another folder whose page cache is used, `keep_hidden` takes
    the defence against hidden text away, for measuring it. Where a provider is asked, pages wait for it, so that many
    more can be in hand than there are cores.
    """
    import os

    from graph.page.run import PageCaps
    from graph.runtime import open_runtime
    from store.records import Budget
    from tools.pdf import Limits

    cores = os.cpu_count() or 1
    async with open_runtime(
        settings.home,
        slots=settings.page_slots or (settings.model_connections + cores * 4 if asks_provider else cores),
        lease_s=settings.lease_s,
        patience_s=settings.provider_patience_s,
        limits=Limits(
            max_pages=settings.max_pages,
            max_bytes=settings.max_packet_mb * 1024**2,
            page_timeout_s=settings.page_timeout_s,
            children=settings.engines or cores,
            keep_hidden=keep_hidden,
        ),
        routes=routes_of(settings),
        calibrator=calibrator,
        caps=PageCaps(settings.turns_per_page, settings.calls_per_page, settings.tokens_per_page),
        tenant_budget=Budget(
            usd=settings.tenant_usd_per_day,
            tokens=settings.tenant_tokens_per_day,
            seconds=settings.tenant_seconds_per_day,
        ),
        reuse=settings.reuse_answers,
        fallback=settings.provider_fallback,
        cache_home=cache_home,
        trace_content=settings.trace_content,
    ) as runtime:
        _leave_imports_alone()
        yield runtime


@cache
def _leave_imports_alone() -> None:
    """What was imported stays to the end; without this the collector walks through all of it again and again."""
    gc.freeze()
