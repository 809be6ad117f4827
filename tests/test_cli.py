"""The command line as people meet it: help, exit codes, what is said where. Each run is a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cli.classify import exit_code
from cli.door import Exit, Ladder, tell
from evals.errors import DatasetError
from settings import Settings
from store import trail
from store.errors import NotFound, Unavailable
from store.ports import Store
from store.records import EventDraft, Failure, Job, Result, ResultStatus, now
from store.sqlite import open_store
from taxonomy import Problem, TaxonomyError
from tools.errors import DocumentRejected

ROOT = Path(__file__).parent.parent
SMALL = Path(__file__).parent / "small.v1.yaml"

Pagetrail = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def pagetrail(tmp_path: Path) -> Pagetrail:
    """Runs the command line in a folder and home of its own, without the machine's settings."""

    def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PAGETRAIL_", "OPENAI_"))}
        return subprocess.run(
            [sys.executable, ROOT / "pagetrail.py", *arguments],
            cwd=tmp_path,
            env={**clean, "PAGETRAIL_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT), **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture
async def job(tmp_path: Path) -> Job:
    """A job with two events in the home that `pagetrail` looks into."""
    store: Store = await open_store(tmp_path / "home")
    packet = Job(id="job-1", packet="smith", blob="sha256:" + "ab" * 32, created_at=now(), updated_at=now())
    events = [
        EventDraft(key="1", type="job.submitted", actor="worker", rationale="packet smith.pdf"),
        EventDraft(
            key="2",
            type="page.tool_called",
            actor="agent",
            page=7,
            tool="ocr_page",
            rationale="the text layer holds 4 words",
            observation={"summary": "312 words"},
        ),
    ]
    await store.jobs.submit(packet, events)
    await store.close()
    return packet


# ── help ─────────────────────────────────────────────────────────────────────────────────────────


def test_help_names_every_command_and_imports_nothing_heavy(pagetrail: Pagetrail) -> None:
    """`--help` is quick because no room is imported before a command runs."""
    said = pagetrail("--help")
    assert said.returncode == 0
    for command in ("classify", "audit", "taxonomy", "examples", "synth", "eval", "jobs", "doctor"):
        assert f"\n  {command} " in said.stdout
    imported = subprocess.run(
        [sys.executable, "-c", "import sys, pagetrail; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    heavy = {
        "pydantic",
        "langgraph",
        "numpy",
        "chromadb",
        "pypdfium2",
        "PIL",
        "sklearn",
        "jinja2",
        "asyncio",
        "rich.console",
    }
    assert not heavy & set(imported)


# ── usage ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "arguments",
    [
        ("classify",),
        ("classify", "nowhere.pdf", "--out", "out"),
        ("nonsense",),
        ("audit", "show", "job-1", "--page", "0"),
        ("audit", "show", "unknown-job"),
        ("taxonomy", "show", "unknown"),
        ("eval", "gate", "nowhere", "--baseline", "nowhere"),
        ("synth", "--out", "data", "--scan-share", "2"),
    ],
)
def test_a_wrong_command_is_a_usage_error(pagetrail: Pagetrail, arguments: tuple[str, ...]) -> None:
    """Exit 2, a sentence on stderr, nothing on stdout and no traceback."""
    said = pagetrail(*arguments)
    assert said.returncode == Exit.USAGE
    assert said.stderr
    assert not said.stdout
    assert "Traceback" not in said.stderr


def test_a_wrong_setting_is_named(pagetrail: Pagetrail) -> None:
    """A knob that cannot be used is told by the variable that sets it."""
    said = pagetrail("jobs", PAGETRAIL_PAGE_SLOTS="many")
    assert said.returncode == Exit.USAGE
    assert "PAGETRAIL_PAGE_SLOTS" in said.stderr


def test_a_wrong_taxonomy_is_told_line_by_line(pagetrail: Pagetrail, tmp_path: Path) -> None:
    """`lint` and `classify` both exit 2 and name file, line and column of every problem."""
    broken = tmp_path / "broken.yaml"
    broken.write_text(SMALL.read_text(encoding="utf-8").replace("group: income", "group: nowhere"), encoding="utf-8")
    packet = tmp_path / "packet.pdf"
    packet.write_bytes(b"%PDF-1.4")
    for arguments in (
        ("taxonomy", "lint", broken),
        ("classify", packet, "--out", tmp_path / "out", "--taxonomy", broken),
    ):
        said = pagetrail(*arguments)
        assert said.returncode == Exit.USAGE
        assert f"{broken}:10:" in said.stderr
        assert not (tmp_path / "out").exists()


def test_a_sound_taxonomy_passes(pagetrail: Pagetrail, tmp_path: Path) -> None:
    """`lint` exits 0 whatever its doubts, `show` and `diff` read the same file."""
    checked = pagetrail("taxonomy", "lint", SMALL)
    assert checked.returncode == 0
    assert "small version 1 is sound: 3 labels, 2 rules" in checked.stdout
    assert "Wage and tax statement" in pagetrail("taxonomy", "show", SMALL).stdout
    assert "They say the same." in pagetrail("taxonomy", "diff", SMALL, SMALL).stdout
    other = tmp_path / "other.yaml"
    other.write_text(SMALL.read_text(encoding="utf-8").replace("name: Letter", "name: Note"), encoding="utf-8")
    changed = pagetrail("taxonomy", "diff", SMALL, other).stdout
    assert "~ label letter\n    name: Letter → Note\n" in changed
    assert json.loads(pagetrail("taxonomy", "schema").stdout)["properties"]["labels"]


# ── exit codes ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DocumentRejected("password_needed", "It is encrypted.", "Give --password."), Exit.REJECTED),
        (Unavailable("the disk is full"), Exit.UNAVAILABLE),
        (NotFound("no job 'x' in this store"), Exit.USAGE),
        (TaxonomyError([Problem("t.yaml", 3, 1, "no such group", "Name one")]), Exit.USAGE),
        (DatasetError("No packets.", "Add some."), Exit.USAGE),
        (KeyError("x"), Exit.BUG),
    ],
)
def test_each_kind_of_error_has_its_code(error: Exception, code: Exit, capsys: pytest.CaptureFixture[str]) -> None:
    """The kinds of error keep their codes, and all that is said goes to stderr."""
    assert tell(error) == code
    said = capsys.readouterr()
    assert not said.out
    assert str(error) in said.err or "It is encrypted." in said.err


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        ("completed", None, Exit.DONE),
        ("needs_review", None, Exit.REVIEW),
        ("rejected", "password_needed", Exit.REJECTED),
        ("failed", "bug", Exit.BUG),
        ("failed", "model_unknown", Exit.USAGE),
    ],
)
def test_each_result_has_its_code(status: ResultStatus, error: str | None, code: Exit) -> None:
    """What became of the packet decides the exit code of `classify`."""
    failure = None if error is None else Failure(code=error, message="m", advice="a")
    result = Result(packet="p", job_id="j", status=status, manifest=None, error=failure)
    assert exit_code(result) == code


def test_an_interrupt_says_how_to_go_on() -> None:
    """Ctrl-C is exit 130 and says that the same command resumes."""
    app = typer.Typer(cls=Ladder, pretty_exceptions_enable=False)

    @app.command()
    def wait() -> None:
        raise KeyboardInterrupt

    @app.command()
    def other() -> None: ...

    said = CliRunner().invoke(app, ["wait"])
    assert said.exit_code == Exit.INTERRUPTED
    assert "the same command resumes" in said.stderr


def test_codes_are_the_published_ones() -> None:
    """Scripts rely on these numbers."""
    codes = {code.name: code.value for code in Exit}
    assert codes == {
        "DONE": 0, "BUG": 1, "USAGE": 2, "REVIEW": 10, "REJECTED": 20, "UNAVAILABLE": 30, "INTERRUPTED": 130,
    }  # fmt: skip


def test_a_store_that_cannot_be_used_is_unavailable(pagetrail: Pagetrail, tmp_path: Path) -> None:
    """A home that is no folder is exit 30, with what to do."""
    (tmp_path / "file").touch()
    said = pagetrail("jobs", PAGETRAIL_HOME=str(tmp_path / "file" / "home"))
    assert said.returncode == Exit.UNAVAILABLE
    assert "PAGETRAIL_HOME" in said.stderr


# ── trail ────────────────────────────────────────────────────────────────────────────────────────


def test_a_trail_is_shown_exported_and_verified(pagetrail: Pagetrail, job: Job, tmp_path: Path) -> None:
    """What `export` writes is what `show --json` prints, and `verify` holds it from store and file."""
    assert "Read the page by OCR (ocr_page)" in pagetrail("audit", "show", job.id, "--page", "7").stdout
    lines = pagetrail("audit", "show", job.id, "--json").stdout
    exported = tmp_path / "audit.jsonl"
    assert pagetrail("audit", "export", job.id, "--out", exported).returncode == 0
    assert exported.read_text(encoding="utf-8") == lines
    assert [trail.from_line(line).seq for line in lines.splitlines()] == [1, 2]
    for what in (job.id, exported):
        said = pagetrail("audit", "verify", what)
        assert said.returncode == 0
        assert "2 events of job job-1" in said.stdout


def test_a_changed_trail_is_found(pagetrail: Pagetrail, job: Job, tmp_path: Path) -> None:
    """`verify` exits 1 and names the place, whether a word was changed or a line was cut."""
    exported = tmp_path / "audit.jsonl"
    pagetrail("audit", "export", job.id, "--out", exported)
    whole = exported.read_text(encoding="utf-8")
    exported.write_text(whole.replace("312 words", "313 words"), encoding="utf-8")
    said = pagetrail("audit", "verify", exported)
    assert said.returncode == Exit.BUG
    assert "broken at seq 2" in said.stderr
    exported.write_text(whole[:-40], encoding="utf-8")
    said = pagetrail("audit", "verify", exported)
    assert said.returncode == Exit.BUG
    assert ":2:" in said.stderr


def test_jobs_are_listed(pagetrail: Pagetrail, job: Job) -> None:
    """`jobs` shows id and packet; `--json` gives one record a line and nothing else."""
    assert job.id in pagetrail("jobs").stdout
    (line,) = pagetrail("jobs", "--json").stdout.splitlines()
    assert Job.model_validate_json(line).packet == "smith"


# ── doctor and settings ──────────────────────────────────────────────────────────────────────────


def test_the_doctor_says_what_is_there_and_never_a_key(pagetrail: Pagetrail) -> None:
    """Each finding has a state; a key is only said to be set."""
    said = pagetrail("doctor", "--json", PAGETRAIL_TAXONOMY=str(SMALL), OPENAI_API_KEY="sk-very-secret")
    report = json.loads(said.stdout)
    states = {finding["name"]: finding["state"] for finding in report["findings"]}
    assert states["Python"] == states["PDF engine"] == states["SQLite"] == states["home"] == "ok"
    assert states["provider key"] == "ok"
    assert states["provider address"] == "absent"
    assert report["ready"] == ("broken" not in states.values())
    assert said.returncode == (Exit.DONE if report["ready"] else Exit.BUG)
    assert "sk-very-secret" not in said.stdout + said.stderr


def test_the_doctor_finds_a_home_that_cannot_be_written(pagetrail: Pagetrail, tmp_path: Path) -> None:
    """What stops the embedded default makes the doctor exit 1."""
    (tmp_path / "file").touch()
    said = pagetrail("doctor", "--json", PAGETRAIL_HOME=str(tmp_path / "file" / "home"))
    assert said.returncode == Exit.BUG
    assert not json.loads(said.stdout)["ready"]


def test_every_setting_is_described_and_in_the_example_file() -> None:
    """`.env.example` names each variable with its sentence, and none that does not exist."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    variables = {
        line.removeprefix("# ").split("=")[0] for line in example.splitlines() if line.startswith("# ") and "=" in line
    }
    expected = {
        str(field.validation_alias or f"PAGETRAIL_{name.upper()}") for name, field in Settings.model_fields.items()
    }
    assert variables == expected
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith(".")
        assert " ".join(field.description.split()) in " ".join(example.replace("\n# ", " ").split())


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A variable that is set to nothing leaves the default; the key never shows in a repr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAGETRAIL_MODEL", "")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    settings = Settings()
    assert settings.model == "local"
    assert "sk-very-secret" not in repr(settings)
