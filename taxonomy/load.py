"""From a YAML file to a `Taxonomy`, or to a list of everything that is wrong with it."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from taxonomy.errors import Problem, TaxonomyError
from taxonomy.folded import WORD, fold_phrase
from taxonomy.patterns import compile_pattern
from taxonomy.rules import check_expression
from taxonomy.schema import BARE_WEIGHT, CuePart, LabelPart, RulePart, TaxonomyPart
from taxonomy.source import Source
from taxonomy.types import Cue, CueKind, Label, PageLimits, Rule, Taxonomy

_DATA = Path(__file__).parent / "data"
_SHIPPED_FILE = re.compile(r"^(?P<name>[a-z][a-z0-9_]*)\.v(?P<version>[1-9][0-9]*)\.yaml$")
_SHIPPED_NAME = re.compile(r"^(?P<name>[A-Za-z][A-Za-z0-9_-]*)(?:@(?P<version>[0-9]+))?$")
CUE_KINDS: tuple[CueKind, ...] = get_args(CueKind)


def load(source: str | Path) -> Taxonomy:
    """Read a taxonomy by its shipped name (`lending`: the newest version, `lending@1`: that one) or from a YAML file.

    Raise TaxonomyError with every problem, each with file, line, column and what to do.
    """
    path = _locate(source)
    try:
        content = path.read_bytes()
    except OSError as error:
        what = f"the file cannot be read: {error.strerror or error}"
        raise TaxonomyError([Problem(str(path), None, None, what, "Check the path and its permissions")]) from error
    return read(str(path), content)


@lru_cache(maxsize=8)  # a run asks for the same one several times, and checking it takes half a second
def read(file: str, content: bytes) -> Taxonomy:
    """Read a taxonomy from the bytes of a YAML file; `file` is what problems call it. The same bytes: the same value.

    Raise TaxonomyError like `load`.
    """
    source = Source(file, content)
    try:
        part = TaxonomyPart.model_validate(source.data)
    except ValidationError as error:
        raise TaxonomyError([_from_pydantic(source, detail) for detail in error.errors()]) from error
    problems = [*_label_problems(source, part), *_identity_problems(source, part), *_rule_problems(source, part)]
    if problems:
        raise TaxonomyError(sorted(problems, key=lambda problem: (problem.line or 0, problem.column or 0)))
    return Taxonomy(
        name=part.name,
        version=part.version,
        sha256=hashlib.sha256(content).hexdigest(),
        description=part.description,
        groups=dict(part.groups),
        labels={label.code: _label(label) for label in part.labels},
        identity_patterns=dict(part.identity_patterns),
        rules=tuple(_rule(rule) for rule in part.rules),
    )


def shipped() -> list[str]:
    """The taxonomies that come with the program, as `name@version`, by name and rising version."""
    return [f"{name}@{version}" for name, version in sorted(_shipped_files())]


def _locate(source: str | Path) -> Path:
    if isinstance(source, Path) or os.sep in source or source.endswith((".yaml", ".yml")):
        return Path(source)
    files = _shipped_files()
    asked = _SHIPPED_NAME.match(source)
    if asked:
        versions = {version: path for (name, version), path in files.items() if name == asked["name"]}
        version = int(asked["version"]) if asked["version"] else max(versions, default=0)
        if version in versions:
            return versions[version]
    known = ", ".join(shipped()) or "none"
    advice = f"Use one of the shipped ones ({known}) or the path of a .yaml file"
    raise TaxonomyError([Problem(source, None, None, "there is no such taxonomy", advice)])


def _shipped_files() -> dict[tuple[str, int], Path]:
    found = {}
    for path in _DATA.glob("*.yaml"):
        if match := _SHIPPED_FILE.match(path.name):
            found[match["name"], int(match["version"])] = path
    return found


# ── what pydantic cannot see ─────────────────────────────────────────────────────────────────────


def _label_problems(source: Source, part: TaxonomyPart) -> Iterator[Problem]:
    codes = {label.code for label in part.labels}
    seen: set[str] = set()
    for index, label in enumerate(part.labels):
        here = ("labels", index)
        if label.code in seen:
            advice = "Give each label a code of its own"
            yield source.problem((*here, "code"), f"the label code {label.code!r} is used twice", advice)
        seen.add(label.code)
        if label.group not in part.groups:
            advice = f"Add it to `groups` or use one of: {', '.join(part.groups) or 'none yet'}"
            yield source.problem((*here, "group"), f"the group {label.group!r} is unknown", advice)
        if label.pages.max < label.pages.typical:
            advice = "Raise `max` or lower `typical`"
            yield source.problem((*here, "pages", "max"), "`max` is less than `typical`", advice)
        for place, kind in enumerate(label.identity):
            if kind not in part.identity_patterns:
                known = ", ".join(part.identity_patterns) or "none yet"
                advice = f"Add it to `identity_patterns` or use one of: {known}"
                yield source.problem((*here, "identity", place), f"the identity kind {kind!r} is unknown", advice)
        for place, code in enumerate(label.contains):
            if code not in codes or code == label.code:
                advice = "Name another label of this taxonomy"
                yield source.problem((*here, "contains", place), f"the label {code!r} is unknown", advice)
        yield from _cue_problems(source, index, label)


def _cue_problems(source: Source, index: int, label: LabelPart) -> Iterator[Problem]:
    for kind in CUE_KINDS:
        for place, item in enumerate(getattr(label.cues, kind)):
            cue = _cue(kind, item)
            here = ("labels", index, "cues", kind, place)
            if cue.regex:
                yield from _pattern_problems(source, here, cue.text)
            elif not WORD.search(fold_phrase(cue.text)):
                yield source.problem(here, f"the cue {cue.text!r} has no letter and no digit", "Use a word, or `regex`")


def _identity_problems(source: Source, part: TaxonomyPart) -> Iterator[Problem]:
    for kind, patterns in part.identity_patterns.items():
        for place, pattern in enumerate(patterns):
            yield from _pattern_problems(source, ("identity_patterns", kind, place), pattern, groups=1)


def _pattern_problems(
    source: Source, location: tuple[str | int, ...], expression: str, groups: int | None = None
) -> Iterator[Problem]:
    try:
        compiled = compile_pattern(expression).compiled
    except re.error as error:
        what = f"the regular expression {expression!r} does not compile: {error}"
        yield source.problem(location, what, "Mend it; in YAML put it in single quotes, so that backslashes stay")
        return
    if any((match := compiled.match(text)) and not match.group() for text in ("", "?", "x", "1")):
        what = f"the regular expression {expression!r} matches nothing at all, and so every page"
        yield source.problem(location, what, "Make at least one part of it required")
    if groups is not None and compiled.groups != groups:
        what = f"the identity pattern has {compiled.groups} capturing groups instead of one"
        yield source.problem(location, what, "Put ( ) around the value only, and (?: ) around everything else")


def _rule_problems(source: Source, part: TaxonomyPart) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, rule in enumerate(part.rules):
        here = ("rules", index)
        if rule.id in seen:
            advice = "Give each rule an id of its own"
            yield source.problem((*here, "id"), f"the rule id {rule.id!r} is used twice", advice)
        seen.add(rule.id)
        for field, expression in (("when", rule.when), ("require", rule.require)):
            if expression is not None and (doubt := check_expression(expression, rule.on)):
                yield source.problem((*here, field), f"the CEL expression is wrong: {doubt.message}", doubt.advice)


def _from_pydantic(source: Source, detail: ErrorDetails) -> Problem:
    location = tuple(detail["loc"])
    what = ".".join(str(step) for step in location if step not in ("bare", "weighted"))
    message = f"`{what}`: {detail['msg'][:1].lower()}{detail['msg'][1:]}" if what else detail["msg"]
    if detail["type"] == "extra_forbidden":
        return source.problem(location, f"the key `{what}` is unknown", "Remove it or mend its spelling", key=True)
    if detail["type"] == "missing":
        return source.problem(location[:-1], f"the key `{what}` is missing", f"Add `{location[-1]}` here")
    if detail["type"] == "string_type":
        return source.problem(location, message, "Put the value in quotes: it is meant as text")
    return source.problem(location, message, "See docs/taxonomy.md for what may stand here")


# ── from parts to types ──────────────────────────────────────────────────────────────────────────


def _label(part: LabelPart) -> Label:
    return Label(
        code=part.code,
        name=part.name,
        group=part.group,
        description=" ".join(part.description.split()),
        pages=PageLimits(typical=part.pages.typical, max=part.pages.max),
        identity=part.identity,
        cues=tuple(_cue(kind, item) for kind in CUE_KINDS for item in getattr(part.cues, kind)),
        prior=part.prior,
        contains=part.contains,
    )


def _cue(kind: CueKind, item: str | CuePart) -> Cue:
    if isinstance(item, str):
        return Cue(kind=kind, text=item, regex=kind == "pattern", weight=BARE_WEIGHT)
    regex = kind == "pattern" or item.regex is not None
    return Cue(kind=kind, text=item.regex or item.text or "", regex=regex, weight=item.weight)


def _rule(part: RulePart) -> Rule:
    return Rule(
        id=part.id, on=part.on, severity=part.severity, when=part.when, require=part.require, message=part.message
    )
