"""`python -m tests.provider.throughput PACKET.pdf`: how much of the wait for a provider is left to be waited for.

The command line classifies the packet by `openai:NAME` against a server of its own that answers in half a second, with
32 calls allowed at once. Printed are the provider's share (calls x delay / connections), the run by the job's own
clock, the whole process, and the ratio to what is allowed: 1.15 x the provider's share + 5 s.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.provider.running import as_process, unset

ROOT = Path(__file__).parents[2]
REVIEW = 10


def measure(packet: Path, delay_ms: int, connections: int) -> dict[str, Any]:
    """One run in an empty home."""
    with tempfile.TemporaryDirectory() as folder, as_process("--delay-ms", str(delay_ms)) as provider:
        home = Path(folder)
        settings = {"PAGETRAIL_HOME": str(home / "home"), "PAGETRAIL_MODEL_CONNECTIONS": str(connections)}
        command = [sys.executable, ROOT / "pagetrail.py", "classify", packet, "--out", home / "out"]
        began = time.monotonic()
        done = subprocess.run(
            [*map(str, command), "--model", "openai:gpt-5-mini"],
            env={**unset(), **settings, **provider.environment},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        process_s = time.monotonic() - began
        assert done.returncode == REVIEW, done.stderr.decode()[-2000:]
        result = json.loads((home / "out" / "result.json").read_text())
        calls = provider.calls
    share = len(calls) * delay_ms / 1000 / connections
    allowed = 1.15 * share + 5
    return {
        "pages": len(result["pages"]),
        "calls": len(calls),
        "most_at_once": calls.peak_concurrency,
        "provider_s": round(share, 2),
        "allowed_s": round(allowed, 2),
        "job_s": result["usage"]["wall_s"],
        "job_to_allowed": round(result["usage"]["wall_s"] / allowed, 2),
        "process_s": round(process_s, 2),
        "process_to_allowed": round(process_s / allowed, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.provider.throughput", description=__doc__)
    parser.add_argument("packet", type=Path)
    parser.add_argument("--delay-ms", type=int, default=500)
    parser.add_argument("--connections", type=int, default=32)
    options = parser.parse_args()
    found = measure(options.packet.resolve(), options.delay_ms, options.connections)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
