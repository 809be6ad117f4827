"""`pagetrail doctor`: what this machine has, what it lacks, and what that means."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli import door
from cli.door import Exit

if TYPE_CHECKING:
    from settings import Settings

SPACE_MB = 500
"""Free megabytes below which the store is told to be short of room: a 3,000-page packet takes about 300."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked for."""

    name: str
    state: Literal["ok", "absent", "broken"]
    """absent: something optional is not there. broken: the embedded default cannot run."""
    found: str


def doctor(json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False) -> None:
    """Look at everything a run needs. Exit 0 when the embedded default can run, else 1."""
    findings = examine(door.read_settings())
    if json:
        from json import dumps

        door.put(dumps({"ready": ready(findings), "findings": [asdict(finding) for finding in findings]}, indent=1))
    else:
        _show(findings)
    raise typer.Exit(Exit.DONE if ready(findings) else Exit.BUG)


def ready(findings: list[Finding]) -> bool:
    """Whether the embedded default can run."""
    return all(finding.state != "broken" for finding in findings)


def examine(settings: Settings) -> list[Finding]:
    """All findings, in the order of a page's trip."""
    needed: list[tuple[str, Callable[[], str]]] = [
        ("Python", platform.python_version),
        ("PDF engine", _pdfium),
        ("PDF structure", lambda: f"pypdf {_version('pypdf')}"),
        ("OCR", _tesseract),
        ("embedder", _embedder),
        ("vector index", lambda: f"chromadb {_version('chromadb')}"),
        ("SQLite", _sqlite),
        ("taxonomy", lambda: _taxonomy(settings)),
        ("home", lambda: _home(settings.home)),
    ]
    optional: list[tuple[str, Callable[[], str]]] = [
        ("second renderer", _poppler),
        ("second OCR", _rapidocr),
        ("provider key", lambda: _set("OPENAI_API_KEY", "only `cascade` and `openai:NAME` need it")),
        ("provider address", lambda: _set("OPENAI_BASE_URL", "the provider's own is used")),
    ]
    return [_look(name, find, "broken") for name, find in needed] + [
        _look(name, find, "absent") for name, find in optional
    ]


class Missing(Exception):
    """Not there; the message says what that means."""


def _look(name: str, find: Callable[[], str], otherwise: Literal["absent", "broken"]) -> Finding:
    try:
        return Finding(name, "ok", find())
    except Missing as missing:
        return Finding(name, otherwise, str(missing))
    except Exception as error:  # a broken installation fails in any way it likes; the doctor has to say which part
        return Finding(name, otherwise, f"{type(error).__name__}: {error}")


def _version(distribution: str) -> str:
    from importlib.metadata import version

    return version(distribution)


def _pdfium() -> str:
    import pypdfium2

    return f"pypdfium2 {_version('pypdfium2')}, pdfium {pypdfium2.PDFIUM_INFO.version}"


def _tesseract() -> str:
    from tools.errors import ToolFailure
    from tools.ocr.tesseract import binary

    try:
        chosen = binary()
    except ToolFailure as failure:
        raise Missing(failure.message) from failure
    return f"{chosen.version}, {chosen.path}"


def _embedder() -> str:
    from tools.retrieval.embedder import LocalEmbedder

    embedder = LocalEmbedder()
    embedder.embed(["balance"])
    return embedder.model_id


def _sqlite() -> str:
    import sqlite3

    if sqlite3.sqlite_version_info < (3, 35):
        raise Missing(f"{sqlite3.sqlite_version} is too old: 3.35 or newer is needed")
    return sqlite3.sqlite_version


def _taxonomy(settings: Settings) -> str:
    from taxonomy import load

    taxonomy = load(settings.taxonomy)
    return f"{taxonomy.name} version {taxonomy.version}, {len(taxonomy.labels)} labels"


def _home(home: Path) -> str:
    """Prove that the folder can be written to, by writing to it (or to what it would be made in)."""
    import tempfile

    place = next(folder for folder in (home, *home.parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise Missing(
            f"{home} cannot be written: {error.strerror}. Set PAGETRAIL_HOME to a folder that can."
        ) from error
    free = shutil.disk_usage(place).free // 1024**2
    if free < SPACE_MB:
        raise Missing(f"{home} has {free} MB left; at least {SPACE_MB} are needed")
    return f"{home}, writable, {free // 1024} GB free"


def _poppler() -> str:
    import subprocess

    path = shutil.which("pdftoppm")
    if path is None:
        raise Missing("missing: second renderer off (install poppler-utils for pages that pdfium cannot draw)")
    shown = subprocess.run([path, "-v"], capture_output=True, text=True, timeout=20, check=False)
    return f"poppler {(shown.stderr or shown.stdout).split('version', 1)[-1].split()[0]}, {path}"


def _rapidocr() -> str:
    return f"rapidocr {_version('rapidocr')}, onnxruntime {_version('onnxruntime')}"


def _set(variable: str, without: str) -> str:
    """Whether it is set; its value is never shown."""
    if not os.environ.get(variable):
        raise Missing(f"{variable} is not set: {without}")
    return f"{variable} is set"


def _show(findings: list[Finding]) -> None:
    from rich.table import Table
    from rich.text import Text

    marks = {"ok": ("✓", "green"), "absent": ("–", "dim"), "broken": ("✗", "bold red")}
    table = Table.grid(padding=(0, 2))
    for finding in findings:
        mark, style = marks[finding.state]
        table.add_row(Text(mark, style=style), Text(finding.name, style="bold"), Text(finding.found))
    console = door.stdout()
    console.print(table)
    console.print(Text("Ready." if ready(findings) else "Not ready: see ✗.", style="bold"))
