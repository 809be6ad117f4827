"""`python -m tests.provider`: the provider as a process of its own. Its first line of output is its URL."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.provider.answers import Brain
from tests.provider.faults import FAULTS, MALFORMED, MALFORMED_MIX, MIX, Faults
from tests.provider.obedient import ObedientBrain
from tests.provider.page_brain import PageBrain
from tests.provider.server import Provider


def main(arguments: Sequence[str] | None = None) -> None:
    asyncio.run(_serve(_options(arguments)))


async def _serve(options: argparse.Namespace) -> None:
    provider = Provider(
        _brain(options), delay_s=options.delay_ms / 1000, log=options.log, prefix_cache=options.prefix_cache
    )
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
    brain: Brain = ObedientBrain(words) if options.brain == "obedient" else PageBrain(words)
    if not options.faults and not options.malformed:
        return brain
    return Faults(
        brain,
        seed=options.seed,
        share=options.faults,
        mix=options.mix,
        retry_after=options.retry_after,
        malformed=options.malformed,
        malformed_mix=options.malformed_mix,
        malformed_a_page=options.malformed_a_page,
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.provider", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--brain", choices=["page", "obedient"], default="page")
    parser.add_argument("--words", type=Path, help="JSON file: more phrases by label code, for the page brain")
    parser.add_argument("--delay-ms", type=float, default=0, help="from the arrival of a request to its reply")
    parser.add_argument("--log", type=Path, help="JSONL file that each call is appended to when it ends")
    parser.add_argument("--prefix-cache", action="store_true", help="tell cached tokens as a provider would")
    chance = parser.add_argument_group("faults by chance, from the seed, the key and the attempt")
    chance.add_argument("--seed", type=int, default=0)
    chance.add_argument("--faults", type=float, default=0, help="share of attempts that fail on the way")
    chance.add_argument("--mix", type=_names_of(FAULTS), default=MIX, help=f"of {', '.join(FAULTS)}")
    chance.add_argument("--retry-after", type=int, default=1, help="seconds that a 429 asks to wait")
    chance.add_argument("--malformed", type=float, default=0, help="share of replies that cannot be used")
    chance.add_argument("--malformed-mix", type=_names_of(MALFORMED), default=MALFORMED_MIX, help=", ".join(MALFORMED))
    chance.add_argument("--malformed-a-page", type=int, default=1, help="turns of one page, at most")
    return parser.parse_args(arguments)


def _names_of(known: Mapping[str, object]) -> Callable[[str], Sequence[str]]:
    def names(text: str) -> Sequence[str]:
        chosen = text.split(",")
        if unknown := set(chosen) - set(known):
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
        return chosen

    return names


if __name__ == "__main__":
    main()
