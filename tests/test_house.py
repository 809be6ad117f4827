"""The house as the documents describe it: what they say is generated from the code or held against it here.

`make readme` writes the generated parts anew (the pictures of both graphs in README.md, the table of settings in
docs/operating.md). It runs `python -P` on this file: without `-P` the folders beside it would hide the rooms.
"""

from __future__ import annotations

import ast
import fnmatch
import importlib
import itertools
import os
import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import typer.main

from cli.door import Exit
from graph.build import packet_graph, page_graph
from pagetrail import app
from settings import Settings

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
OPERATING = ROOT / "docs" / "operating.md"
INVARIANTS = ROOT / "docs" / "invariants.md"
GLOSSARY = ROOT / "docs" / "glossary.md"
DECISIONS = ROOT / "docs" / "decisions"

LONGEST = 400
LONGER = {"store/records.py": "one place for every noun that is written down; parted, nobody would find them"}
"""Source files that may be longer than LONGEST lines, and why."""


# ── what is there ────────────────────────────────────────────────────────────────────────────────


def house_files(*suffixes: str) -> list[Path]:
    """Every file of the project with one of the suffixes (all without), whatever .gitignore names left out."""
    return [path for path in _house() if not suffixes or path.suffix in suffixes]


@cache
def _house() -> tuple[Path, ...]:
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text().split()] + [".git"]
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)]
        found += [Path(folder) / name for name in files]
    return tuple(sorted(found))


def documents() -> list[Path]:
    return house_files(".md")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def packaged() -> tuple[set[str], set[str]]:
    """Packages and modules as pyproject.toml lists them."""
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    return set(listed["packages"]), set(listed["py-modules"])


def rooms() -> set[str]:
    """Names of all literal top-level packages and modules."""
    packages, modules = packaged()
    return {package for package in packages if "." not in package} | modules


def table_of(path: Path, heading: str) -> list[list[str]]:
    """Cells of the first table below a heading, without its head."""
    lines = path.read_text().splitlines()
    below = lines[lines.index(heading) + 1 :]
    section = itertools.takewhile(lambda line: not line.startswith("#"), below)
    table = [line for line in section if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in table[2:]]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


# ── what is generated ────────────────────────────────────────────────────────────────────────────


def generated() -> dict[Path, dict[str, str]]:
    """For each document, the text that belongs between `<!-- NAME -->` and `<!-- /NAME -->`."""
    return {
        README: {"page graph": _picture(page_graph()), "packet graph": _picture(packet_graph())},
        OPERATING: {"settings": _settings_table()},
    }


def _picture(graph: Any) -> str:
    return f"```mermaid\n{graph.get_graph().draw_mermaid().strip()}\n```\n"


def _settings_table() -> str:
    rows = ["| variable | default | what it is |", "|---|---|---|"]
    for name, knob in Settings.model_fields.items():
        variable = knob.validation_alias or f"PAGETRAIL_{name.upper()}"
        default = "" if knob.default is None else f"`{knob.default}`"
        rows.append(f"| `{variable}` | {default} | {knob.description} |")
    return "\n".join(rows) + "\n"


def between(text: str, name: str) -> str:
    """What stands between the markers of a generated part."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, re.DOTALL)
    assert found is not None, f"the markers <!-- {name} --> … <!-- /{name} --> are missing"
    return found.group(1)


def write_generated() -> None:
    """What `make readme` does."""
    for path, parts in generated().items():
        text = path.read_text()
        for name, content in parts.items():
            head, tail = f"<!-- {name} -->\n", f"<!-- /{name} -->"
            text = text.replace(f"{head}{between(text, name)}{tail}", f"{head}{content}{tail}")
        path.write_text(text)


@pytest.mark.parametrize(
    ("document", "part"), [(README, "page graph"), (README, "packet graph"), (OPERATING, "settings")]
)
def test_generated_parts_are_up_to_date(document: Path, part: str) -> None:
    """Pictures and settings in the documents are those of the code; `make readme` writes them anew."""
    assert between(document.read_text(), part) == generated()[document][part], "run `make readme`"


# ── rooms ────────────────────────────────────────────────────────────────────────────────────────


def test_packages_are_listed_and_listed_packages_exist() -> None:
    """pyproject.toml lists every folder of code, and nothing else: the house map is literal."""
    packages, modules = packaged()
    inits = {path.parent.relative_to(ROOT) for path in house_files(".py") if path.name == "__init__.py"}
    assert packages == {".".join(folder.parts) for folder in inits}
    assert modules == {path.stem for path in ROOT.glob("*.py")}


def test_the_map_of_the_rooms_is_complete() -> None:
    """Each room has its row in the README with a sentence, and each row has its room."""
    rows = table_of(README, "## The rooms")
    named = {row[0].strip("`").removesuffix("/").removesuffix(".py") for row in rows}
    assert named == rooms() | {"tests", "docs"}
    assert all(len(row) == 3 and row[2].endswith(".") for row in rows)


@pytest.mark.parametrize("room", sorted(rooms()))
def test_each_room_comes_from_this_checkout(room: str) -> None:
    """No installed distribution but our own owns a room's name, and an import finds the folder we edit."""
    module = importlib.import_module(room)
    assert module.__file__ is not None
    assert Path(module.__file__).is_relative_to(ROOT)
    assert set(metadata.packages_distributions().get(room, ["pagetrail"])) == {"pagetrail"}


def test_no_room_for_odds_and_ends() -> None:
    """A module is named by what it is about."""
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "services", "base"}
    assert not [name_of(path) for path in house_files(".py") if vague & {path.stem, *path.relative_to(ROOT).parts}]


def test_files_stay_short() -> None:
    """No source file is longer than 400 lines but those named with a reason, and none is named without need."""
    longer = {name_of(path) for path in house_files(".py") if len(path.read_text().splitlines()) > LONGEST}
    assert longer == set(LONGER)


def test_a_node_that_interrupts_holds_nothing_else() -> None:
    """LangGraph runs such a node again on resume: whatever else it did would be done twice."""
    interrupting = [
        function
        for path in house_files(".py")
        if path.is_relative_to(ROOT / "graph")
        for function in functions(path)
        if any(isinstance(node, ast.Name) and node.id == "interrupt" for node in ast.walk(function))
    ]
    assert {function.name for function in interrupting} == {"wait_for_pages", "review"}
    for function in interrupting:
        assert [ast.unparse(statement) for statement in function.body][1:] == ["return {}"]
        assert isinstance(function.body[0], ast.Expr)


def test_every_test_says_what_it_proves() -> None:
    """The docstrings of the tests, read in order, are the contract."""
    silent = [
        f"{name_of(path)}::{function.name}"
        for path in house_files(".py")
        if path.is_relative_to(ROOT / "tests")
        for function in functions(path)
        if function.name.startswith("test_") and not (ast.get_docstring(function) or "").rstrip().endswith(".")
    ]
    assert not silent


# ── what may not be written down ─────────────────────────────────────────────────────────────────

REGISTRY = re.compile(r"https?://\S*(?:pypi|pythonhosted|registry|artifact|/simple)|--(?:extra-)?index-url", re.I)
PERSONAL = re.compile(r"(?<![\w.~])/(?:home/\w+|Users/\w+|root)/|[A-Z]:\\Users\\")


def test_no_file_knows_where_it_was_written() -> None:
    """Neither package indexes nor folders of one machine stand in the project: it installs and runs anywhere."""
    found = []
    for path in house_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if REGISTRY.search(text) or PERSONAL.search(text) or re.search(rf"{re.escape(str(ROOT))}\b", text):
            found.append(name_of(path))
    assert not found


def test_the_lock_pins_everything_by_hash() -> None:
    """Each requirement is one version with its hashes, and the lock names no address to fetch it from."""
    lock = (ROOT / "requirements.lock").read_text()
    entries = re.findall(r"^(\S[^#\n]*?)(?: ;[^\n]*?)? \\\n((?:    --hash=\S+(?: \\)?\n)*)", lock, re.MULTILINE)
    requirements = [line for line in lock.splitlines() if line and not line.startswith(("#", " "))]
    assert len(entries) == len(requirements) > 50
    for requirement, hashes in entries:
        assert re.fullmatch(r"[\w.\-\[\],]+==[\w.!+]+", requirement), requirement
        assert hashes.count("--hash=sha256:") >= 1, requirement
    assert "://" not in lock


# ── what the documents say ───────────────────────────────────────────────────────────────────────


@cache
def commands() -> dict[tuple[str, ...], Any]:
    """Every command of the command line by its words."""
    found: dict[tuple[str, ...], Any] = {}

    def walk(command: Any, words: tuple[str, ...]) -> None:
        below = getattr(command, "commands", None)
        if below is None:
            found[words] = command
        for name, child in (below or {}).items():
            walk(child, (*words, name))

    walk(typer.main.get_command(app), ())
    return found


def spoken_commands(text: str) -> list[str]:
    """`pagetrail …` in code blocks and in inline code, line ends and comments cut, without a path before it."""
    blocks = "\n".join(re.findall(r"```bash\n(.*?)```", text, re.DOTALL))
    lines = [line.strip() for line in blocks.splitlines()] + re.findall(r"`([^`\n]+)`", text)
    lines = [re.sub(r"^(?:\w+=\S+ )*(?:\.venv/bin/)?", "", line) for line in lines]
    return [line for line in lines if line == "pagetrail" or line.startswith("pagetrail ")]


def mistake_in(line: str) -> str | None:
    """What is wrong with a command line, judged without running it; square brackets mark what may be left out."""
    words = [word.strip("[]") for word in shlex.split(line, comments=True)[1:] if word != "…"]
    if not words or words[0] in {"COMMAND", "--help"}:
        return None
    known = commands()
    group = [path for path in known if path[: len(words)] == tuple(words)]
    if group and tuple(words) not in known:
        return None  # a whole family of commands is spoken of
    path = next((path for path in known if tuple(words[: len(path)]) == path), None)
    if path is None:
        return "no such command"
    options = {name: param for param in known[path].params for name in (*param.opts, *param.secondary_opts)}
    rest, arguments = iter(words[len(path) :]), 0
    for word in rest:
        name = word.partition("=")[0]
        if not name.startswith("-"):
            arguments += 1
        elif name not in options:
            return f"no option {name}"
        elif not options[name].is_flag and "=" not in word:
            next(rest, None)
    most = sum(99 if param.nargs == -1 else 1 for param in known[path].params if param.param_type_name == "argument")
    return f"{arguments} arguments" if arguments > most else None


def test_commands_in_the_documents_exist() -> None:
    """Each `pagetrail …` line in a document is a command of the program, with options that it has."""
    spoken = [(path, line) for path in documents() for line in spoken_commands(path.read_text())]
    assert len(spoken) > 20
    mistakes = [f"{name_of(path)}: {line}: {why}" for path, line in spoken if (why := mistake_in(line))]
    assert not mistakes


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("pagetrail fly", "no such command"),
        ("pagetrail classify P.pdf --into DIR", "no option --into"),
        ("pagetrail jobs one two", "2 arguments"),
        ("pagetrail audit show JOB --page 7 --json", None),
    ],
)
def test_a_wrong_command_would_be_found(line: str, why: str | None) -> None:
    """The check above can fail: it knows unknown commands, options and arguments."""
    assert mistake_in(line) == why


def test_every_command_is_in_the_operating_manual() -> None:
    """docs/operating.md has a line for each command there is."""
    spoken = [tuple(shlex.split(line, comments=True)[1:]) for line in spoken_commands(OPERATING.read_text())]
    assert not [path for path in commands() if not any(words[: len(path)] == path for words in spoken)]


def test_exit_codes_are_told() -> None:
    """The README's table has each exit code there is, and no other."""
    assert [int(row[0]) for row in table_of(README, "### Exit codes")] == sorted(Exit)


def test_defaults_in_the_readme_are_those_of_the_settings() -> None:
    """Where the README names a variable with its value, that is the default."""
    named = re.findall(r"`PAGETRAIL_(\w+)` \(([\d,.]+)\)", README.read_text())
    assert named
    for name, value in named:
        assert float(value.replace(",", "")) == Settings.model_fields[name.lower()].default, name


def test_links_lead_somewhere() -> None:
    """Every relative link and every picture in a document is a file of the project."""
    broken = []
    for path in documents():
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text()):
            if "://" not in target and not (path.parent / target).exists():
                broken.append(f"{name_of(path)}: {target}")
    assert not broken


def test_files_named_in_the_documents_exist() -> None:
    """A path in backticks, such as `graph/build.py`, is a file; a bare name is the name of one."""
    present = {name_of(path) for path in house_files()}
    missing = []
    for document in documents():
        for named in re.findall(r"`([\w./\-]+\.(?:py|md|yaml|toml|lock))`", document.read_text()):
            if not any(path == named or path.endswith(f"/{named}") for path in present):
                missing.append(f"{name_of(document)}: {named}")
    assert not missing


def test_each_invariant_names_a_test_that_exists() -> None:
    """A promise without a test is a wish: every row names its proofs, and each of them is there."""
    rows = table_of(INVARIANTS, "# What must always hold")
    assert len(rows) > 20
    for row in rows:
        proofs = re.findall(r"`(tests/[\w/.]+\.py)::(\w+)`", row[1])
        assert proofs, row[0]
        for file, test in proofs:
            assert test in {function.name for function in functions(ROOT / file)}, f"{file}::{test}"


def test_terms_of_the_glossary_are_used() -> None:
    """Each term stands in the code; a word that nobody uses is not part of the language."""
    source = "\n".join(p.read_text() for p in house_files(".py") if not p.is_relative_to(ROOT / "tests")).lower()
    terms = re.findall(r"^\*\*(.+?)\*\*", GLOSSARY.read_text(), re.MULTILINE)
    assert len(terms) > 30
    assert terms == sorted(terms, key=str.lower)
    assert not [term for term in terms if not re.search(rf"\b{re.escape(term.lower())}s?\b", source)]


def test_decisions_are_numbered_and_whole() -> None:
    """Decisions count up without a gap; each says what was decided, why, and what was rejected."""
    files = sorted(DECISIONS.glob("*.md"))
    assert [int(path.name[:4]) for path in files] == list(range(1, len(files) + 1))
    for path in files:
        headings = re.findall(r"^## (.+)$", path.read_text(), re.MULTILINE)
        assert headings == ["Decided", "Why", "Rejected"], path.name


def test_make_targets_in_the_documents_exist() -> None:
    """Whoever types what a document says, `make demo`, finds that target."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = "\n".join(path.read_text() for path in documents())
    spoken = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))
    assert {"demo", "test"} <= spoken <= targets


if __name__ == "__main__":
    write_generated()
