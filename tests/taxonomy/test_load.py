"""The loader gives a whole taxonomy or every problem with its place."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from taxonomy import Taxonomy, TaxonomyError, load, read, shipped

SMALL = r"""name: tiny
version: 3
description: A small taxonomy for tests.
groups: {income: Income, assets: Assets}
identity_patterns:
  ein: ['\b(\d{2}-\d{7})\b']
labels:
  - code: w2
    name: W-2 wage and tax statement
    group: income
    description: Yearly statement of wages by an employer.
    pages: {typical: 1, max: 12}
    identity: [ein]
    cues:
      title: [{text: "wage and tax statement", weight: 4}]
      phrase: ["employer identification number", {regex: 'wages,?\s+tips', weight: 2}]
      pattern: [{text: '\bform\s+w-?2\b', weight: 3}]
  - code: other
    name: Anything else
    group: assets
    description: What no other label fits.
    pages: {typical: 1, max: 3000}
    prior: -2
rules:
  - {id: has_w2, on: packet, severity: warning, require: "'w2' in packet.labels", message: No W-2 in the packet.}
"""


def broken(old: str, new: str) -> TaxonomyError:
    """The error of the small taxonomy with one place changed."""
    assert old in SMALL
    with pytest.raises(TaxonomyError) as caught:
        read("tiny.yaml", SMALL.replace(old, new, 1).encode())
    return caught.value


def line_of(text: str, changed: str = SMALL) -> int:
    return changed[: changed.index(text)].count("\n") + 1


def test_load_reads_a_file_whole(tmp_path: Path) -> None:
    """A YAML file becomes a Taxonomy with labels in file order and the hash of its bytes."""
    path = tmp_path / "tiny.yaml"
    path.write_text(SMALL)
    taxonomy = load(path)
    assert (taxonomy.name, taxonomy.version) == ("tiny", 3)
    assert taxonomy.sha256 == hashlib.sha256(SMALL.encode()).hexdigest()
    assert list(taxonomy.labels) == ["w2", "other"]
    assert taxonomy.labels["other"].prior == -2.0
    cues = {cue.text: (cue.kind, cue.regex, cue.weight) for cue in taxonomy.labels["w2"].cues}
    assert cues == {
        "wage and tax statement": ("title", False, 4.0),
        "employer identification number": ("phrase", False, 1.5),
        r"wages,?\s+tips": ("phrase", True, 2.0),
        r"\bform\s+w-?2\b": ("pattern", True, 3.0),
    }
    assert load(str(path)) == taxonomy


def test_a_file_is_read_once_and_again_when_it_has_changed(tmp_path: Path) -> None:
    """The same bytes give the same value, other bytes in the same place what now stands there; errors stay errors."""
    path = tmp_path / "tiny.yaml"
    path.write_text(SMALL)
    first = load(path)
    assert load(path) is first
    path.write_text(SMALL.replace("version: 3", "version: 4"))
    assert load(path).version == 4
    path.write_text(SMALL.replace("group: income", "group: outcome"))
    for _ in range(2):
        with pytest.raises(TaxonomyError, match="outcome"):
            load(path)
    path.write_text(SMALL)
    assert load(path) == first


def test_the_key_on_is_a_word() -> None:
    """`on` is a key and not the truth value that YAML 1.1 makes of it; `no` and dates are text."""
    text = SMALL.replace("name: Anything else", "name: no").replace("What no other label fits.", "2024-01-31")
    taxonomy = read("tiny.yaml", text.encode())
    assert taxonomy.rules[0].on == "packet"
    assert taxonomy.labels["other"].name == "no"
    assert taxonomy.labels["other"].description == "2024-01-31"


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        ("version: 3", "version: 3\nversion: 4", "version: 4", "twice, first on line 2"),
        ("group: income", "group: incomes", "incomes", "group 'incomes' is unknown"),
        ("code: other", "code: w2", "w2\n    name: Any", "'w2' is used twice"),
        ("identity: [ein]", "identity: [eni]", "eni]", "identity kind 'eni' is unknown"),
        ("identity: [ein]", "contains: [nosuch]", "nosuch", "the label 'nosuch' is unknown"),
        ("max: 12", "max: 0", "0}", "greater than or equal to 1"),
        ("typical: 1, max: 12", "typical: 9, max: 5", "5}", "`max` is less than `typical`"),
        (r"'\bform\s+w-?2\b'", r"'\bform(\s+w-?2\b'", r"{text: '\bform(", "does not compile"),
        (r"'\bform\s+w-?2\b'", r"'(form)?'", r"{text: '(form)?", "matches nothing at all"),
        (r"'\b(\d{2}-\d{7})\b'", r"'\b(\d{2})-(\d{7})\b'", r"'\b(\d{2})-", "2 capturing groups"),
        ('"employer identification number"', "1040", "1040", "quotes"),
        ('"employer identification number"', '"---"', '"---"', "no letter and no digit"),
        ("prior: -2", "priors: -2", "priors", "unknown"),
        ("    name: Anything else\n", "", "code: other", "`labels.1.name` is missing"),
        ("weight: 4", "weight: -4", "-4", "greater than 0"),
        ('{text: "wage and tax statement", weight: 4}', "{weight: 4}", "{weight: 4}", "either `text` or `regex`"),
        ("on: packet", "on: paket", "paket", "packet"),
        ("\"'w2' in packet.labels\"", "\"'w2' in packet.labels &&\"", "\"'w2' in", "CEL"),
        ("'w2' in packet.labels", "document.label == 'w2'", '"document.label', "'document' is not known"),
        ("'w2' in packet.labels", "nosuch(packet.labels)", '"nosuch', "'nosuch' is not known"),
        ("name: W-2 wage and tax statement", "name: !!python/name:os.system ''", "!!python", "is not known here"),
        ("groups: {income: Income, assets: Assets}", "groups: {income: Income", "identity_patterns", "not YAML"),
    ],
)
def test_every_mistake_has_its_place(old: str, new: str, at: str, says: str) -> None:
    """Each kind of mistake is reported with the file, its line and column, and what to do."""
    problems = broken(old, new).problems
    changed = SMALL.replace(old, new, 1)
    assert any(says in str(problem) for problem in problems), problems
    problem = next(problem for problem in problems if says in str(problem))
    assert problem.file == "tiny.yaml"
    assert problem.line == line_of(at, changed), problem
    line = changed.splitlines()[problem.line - 1]
    if "not YAML" not in says:
        assert problem.column is not None
        assert line[problem.column - 1 :].startswith(at.split("\n")[0]), (problem, line)
    assert problem.advice
    assert str(problem).startswith(f"tiny.yaml:{problem.line}:{problem.column}: ")


def test_all_problems_at_once() -> None:
    """Two mistakes in one file are two problems of one error, in file order."""
    text = SMALL.replace("group: income", "group: x").replace("identity: [ein]", "identity: [y]")
    with pytest.raises(TaxonomyError) as caught:
        read("tiny.yaml", text.encode())
    assert ["'x'" in str(caught.value.problems[0]), "'y'" in str(caught.value.problems[1])] == [True, True]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\xff\xfename: x", "UTF-8"),
        (b"- a\n- b\n", "valid"),
        (b"a: &x [1]\nb: *x\n", "alias"),
        (b"name: a\n---\nname: b\n", "not YAML"),
        (b"[" * 20000, "not YAML"),
        (b"a: \x07", "not YAML"),
    ],
)
def test_what_is_no_taxonomy_is_refused(content: bytes, says: str) -> None:
    """Bytes that are no taxonomy at all give a TaxonomyError and nothing else."""
    with pytest.raises(TaxonomyError, match=says):
        read("x.yaml", content)


def test_unknown_names_and_paths(tmp_path: Path) -> None:
    """A name that is not shipped, or a path that is not there, says what to use instead."""
    with pytest.raises(TaxonomyError, match="no such taxonomy"):
        load("nosuchthing")
    with pytest.raises(TaxonomyError, match="no such taxonomy"):
        load("lending@999")
    with pytest.raises(TaxonomyError, match="cannot be read"):
        load(tmp_path / "missing.yaml")
    with pytest.raises(TaxonomyError, match="cannot be read"):
        load(tmp_path)


@pytest.mark.parametrize("name", shipped())
def test_shipped_taxonomies_load(name: str) -> None:
    """Every shipped taxonomy loads by its name, with and without its version, and says who it is."""
    taxonomy: Taxonomy = load(name)
    assert f"{taxonomy.name}@{taxonomy.version}" == name
    assert load(taxonomy.name).version >= taxonomy.version
