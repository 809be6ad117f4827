"""`python -m tests.provider`: the provider as a process of its own. Its first line of output is its URL."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.provider.answers import Brain
from tests.provider.page_brain import PageBrain
from tests.provider.server import Provider


def main(arguments: Sequence[str] | None = None) -> None:
    asyncio.run(_serve(_options(arguments)))


async def _serve(options: argparse.Namespace) -> None:
    provider = Provider(_brain(options), delay_s=options.delay_ms / 1000, log=options.log)
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await provider.start(options.port)
    sys.stdout.write(provider.url + "\n")
    sys.stdout.flush()
    await stop.wait()
    await provider.stop()


def _brain(options: argparse.Namespace) -> Brain:
    words = json.loads(options.words.read_text()) if options.words else {}
    brain: Brain = PageBrain(words)
    return brain


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.provider", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--brain", choices=["page"], default="page")
    parser.add_argument("--words", type=Path, help="JSON file: more phrases by label code, for the page brain")
    parser.add_argument("--delay-ms", type=float, default=0, help="from the arrival of a request to its reply")
    parser.add_argument("--log", type=Path, help="JSONL file that each call is appended to when it ends")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
