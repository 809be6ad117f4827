"""Rules in CEL over plain facts: pass, fail or unknown, and never an exception.

CEL has no loops but those over lists, no side effects and no access to anything but its facts, so a rule ends. How long
it may take is bounded too: two loops at most inside one another, and a limit on the steps that the loops of a rule can
take over the facts at hand. `filter` and `map` copy their result at every step, so a list of n costs them n² steps
(measured with common-expression-language 0.10: `filter` over 3,000 documents takes 50 s, `all` 0.03 s).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import cel

from taxonomy.types import Rule

RuleScope = Literal["packet", "document", "page"]

_MAX_CHARACTERS = 1000
_MAX_LOOPS = 2
_LOOP = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(")
_STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")
_UNDEFINED = re.compile(r"Undefined variable or function: '([^']*)'")

_MAX_STEPS = 300_000
"""About a second and a half of work."""
_COPYING = re.compile(r"\.\s*(?:map|filter)\s*\(")
_LABELS = (
    re.compile(r"\blabel\s*[!=]=\s*(?P<codes>'\w+'|\"\w+\")"),
    re.compile(r"\blabel\s+in\s+\[(?P<codes>[^\]]*)\]"),
    re.compile(r"(?P<codes>'\w+'|\"\w+\")\s+in\s+packet\.(?:labels|counts)\b"),
    re.compile(r"\bcounts\[\s*(?P<codes>'\w+'|\"\w+\")\s*\]"),
    re.compile(r"\bpacket\.counts\.(?P<codes>\w+)"),
)

_PAGE = {"number": 1, "label": "w2", "confidence": 0.9}
_DOCUMENT = {"label": "w2", "pages": [1], "page_count": 1, "identity": {}}
_PACKET = {"documents": [_DOCUMENT], "labels": ["w2"], "counts": {}}
_SPECIMENS: dict[RuleScope, dict[str, Any]] = {"page": _PAGE, "document": _DOCUMENT, "packet": _PACKET}


@dataclass(frozen=True)
class RuleOutcome:
    """What one rule says of one page, document or packet."""

    rule_id: str
    status: Literal["pass", "fail", "unknown"]
    message: str
    """The rule's own message; for `unknown` also why it could not be decided."""


@dataclass(frozen=True)
class ExpressionDoubt:
    """Why an expression cannot be used as a rule."""

    message: str
    advice: str


class _Undecided(Exception):
    """The facts do not answer the expression."""


def evaluate(rules: Sequence[Rule], on: RuleScope, facts: Mapping[str, Any]) -> list[RuleOutcome]:
    """Evaluate the rules of one scope; a rule whose `when` is false does not apply and gives no outcome.

    `facts` are plain values under one name, the scope: `page` {number, label, confidence}, `document` {label, pages,
    page_count, identity {kind: [values]}} or `packet` {documents, labels, counts {label: n}}. A value of None is a
    missing fact. A missing fact, a type that does not fit or any other error of CEL gives `unknown`, never `pass`.
    """
    known = _known(facts)
    context = cel.Context(variables=known)
    longest = _longest_list(known)
    outcomes = []
    for rule in rules:
        if rule.on == on and (outcome := _outcome(rule, context, longest)):
            outcomes.append(outcome)
    return outcomes


def page_facts(number: int, label: str | None, confidence: float | None) -> dict[str, Any]:
    """Facts for the rules on a page; None is a fact that is missing."""
    return {"page": {"number": number, "label": label, "confidence": confidence}}


def document_facts(label: str | None, pages: Sequence[int], identity: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Facts for the rules on a document; `identity` is kind and value of each key found on its pages."""
    values: dict[str, list[str]] = {}
    for kind, value in identity:
        if value not in values.setdefault(kind, []):
            values[kind].append(value)
    return {"document": {"label": label, "pages": list(pages), "page_count": len(pages), "identity": values}}


def packet_facts(codes: Iterable[str], documents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Facts for the rules on a packet, from the labels of the taxonomy and the `document_facts` of each document.

    `counts` has a zero for a label only where every document has a label: a document nobody could read may be the one
    that is missed, and then its count is a missing fact.
    """
    bare = [facts["document"] for facts in documents]
    found = Counter(document["label"] for document in bare if document["label"] is not None)
    counts = dict(found)
    if found.total() == len(bare):
        counts = {code: found[code] for code in (*codes, *found)}
    return {"packet": {"documents": bare, "labels": sorted(found), "counts": counts}}


def check_expression(expression: str, on: RuleScope) -> ExpressionDoubt | None:
    """What is wrong with an expression before any packet is seen: syntax, size, or a name that no fact has."""
    if len(expression) > _MAX_CHARACTERS:
        return ExpressionDoubt(f"it has more than {_MAX_CHARACTERS} characters", "Make two rules of it")
    if _depth_of_loops(expression) > _MAX_LOOPS:
        return ExpressionDoubt("more than two loops stand inside one another", "Use `packet.counts` or `packet.labels`")
    try:
        program = _compiled(expression)
    except Exception as error:
        return ExpressionDoubt(str(error).splitlines()[0][:300], "See docs/taxonomy.md for the facts and for examples")
    try:
        program.execute({on: _SPECIMENS[on]})
    except Exception as error:
        if undefined := _UNDEFINED.search(str(error)):
            return ExpressionDoubt(f"{undefined[1]!r} is not known", f"A rule on a {on} may name only `{on}`")
    return None


def unknown_facts(expression: str, on: RuleScope) -> list[str]:
    """Fields an expression asks of its scope that no page, document or packet has."""
    asked = re.findall(rf"(?<![.\w]){on}\.(\w+)", _STRING.sub("''", expression))
    return [f"{on}.{field}" for field in dict.fromkeys(asked) if field not in _SPECIMENS[on]]


def labels_named(expression: str) -> list[str]:
    """The label codes an expression compares with."""
    found = (match["codes"] for form in _LABELS for match in form.finditer(expression))
    return list(dict.fromkeys(code for codes in found for code in re.findall(r"\w+", codes)))


def _outcome(rule: Rule, context: cel.Context, longest: int) -> RuleOutcome | None:
    try:
        if rule.when is not None and not _truth(rule.when, context, longest):
            return None
        held = _truth(rule.require, context, longest)
    except _Undecided as why:
        return RuleOutcome(rule.id, "unknown", f"{rule.message} (cannot be decided: {why})")
    return RuleOutcome(rule.id, "pass" if held else "fail", rule.message)


def _truth(expression: str, context: cel.Context, longest: int) -> bool:
    if _steps(expression, longest) > _MAX_STEPS:
        raise _Undecided(f"a list of {longest} is too long for the loops of this rule; use `packet.counts`")
    try:
        value = _compiled(expression).execute(context)
    except KeyError as error:
        raise _Undecided(f"the fact {error} is missing") from error
    except Exception as error:  # whatever CEL raises, the rule is not answered
        raise _Undecided(str(error).splitlines()[0][:200] if str(error) else type(error).__name__) from error
    if not isinstance(value, bool):
        raise _Undecided(f"the expression gives {type(value).__name__}, not true or false")
    return value


@lru_cache(maxsize=1024)
def _compiled(expression: str) -> cel.Program:
    return cel.compile(expression)


def _known(value: Any) -> Any:
    """Facts without those that are None, so that asking for one is an error and not a comparison with null."""
    if isinstance(value, Mapping):
        return {str(key): _known(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple | set | frozenset):
        return [_known(item) for item in value]
    return value


def _longest_list(value: Any) -> int:
    if isinstance(value, dict):
        return max(map(_longest_list, value.values()), default=0)
    if isinstance(value, list):
        return max(len(value), max(map(_longest_list, value), default=0))
    return 0


def _steps(expression: str, longest: int) -> int:
    """How many steps the loops of an expression take at most."""
    copies = 1 if _COPYING.search(_STRING.sub("''", expression)) else 0
    return int(longest ** (_depth_of_loops(expression) + copies))


def _depth_of_loops(expression: str) -> int:
    """How many loops stand inside one another at most."""
    bare = _STRING.sub("''", expression)
    loops = {match.end() - 1 for match in _LOOP.finditer(bare)}
    open_brackets: list[bool] = []
    deepest = 0
    for position, character in enumerate(bare):
        if character == "(":
            open_brackets.append(position in loops)
            deepest = max(deepest, sum(open_brackets))
        elif character == ")" and open_brackets:
            open_brackets.pop()
    return deepest
