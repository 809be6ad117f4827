"""What is allowed in a taxonomy but seldom meant: advice, never a reason to refuse it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from taxonomy.folded import WORD, fold_phrase
from taxonomy.patterns import compile_pattern, nested_quantifier
from taxonomy.rules import labels_named, unknown_facts
from taxonomy.types import Cue, Label, Rule, Taxonomy

_MIN_DESCRIPTION = 20
_FOR = ("title", "phrase", "pattern")
_GREAT_WEIGHT = 6.0


@dataclass(frozen=True)
class LintWarning:
    """One doubt about a taxonomy."""

    code: str
    """Kind of doubt, for example `no_title`."""
    where: str
    """The label, rule or identity kind it is about."""
    message: str
    """What is doubtful and what to do about it."""


def lint(taxonomy: Taxonomy) -> list[LintWarning]:
    """Every doubt about a taxonomy, in the order of its labels, then identity patterns, then rules."""
    return [
        *(warning for label in taxonomy.labels.values() for warning in _label(taxonomy, label)),
        *_shared_cues(taxonomy),
        *_groups(taxonomy),
        *_identity(taxonomy),
        *(warning for rule in taxonomy.rules for warning in _rule(rule, taxonomy)),
    ]


def _label(taxonomy: Taxonomy, label: Label) -> Iterator[LintWarning]:
    kinds = {cue.kind for cue in label.cues}
    # A catch-all is told from the others by what it lacks.
    if label.prior >= 0 and not kinds & {"title", "phrase", "pattern"}:
        advice = "no title, phrase or pattern speaks for it; add cues, or a negative prior if it is a catch-all"
        yield LintWarning("no_cue", label.code, advice)
    elif label.prior >= 0 and "title" not in kinds:
        yield LintWarning("no_title", label.code, "it has no title; add the names such documents give themselves")
    elif label.prior >= 0 and not kinds & {"phrase", "pattern"}:
        yield LintWarning("no_phrase", label.code, "only titles speak for it; later pages will not be recognised")
    if len(label.description) < _MIN_DESCRIPTION:
        advice = "its description is too short to tell it from its neighbours; models read it"
        yield LintWarning("short_description", label.code, advice)
    if "negative" not in kinds and not _names_a_neighbour(taxonomy, label):
        advice = "neither a negative cue nor its description tells it from the others of its group; add one"
        yield LintWarning("no_distinction", label.code, advice)
    if label.pages.max > 1 and not label.identity and not kinds & {"first_page", "title"}:
        advice = "nothing says where such a document begins; add first_page cues or identity kinds"
        yield LintWarning("no_boundary", label.code, advice)
    yield from _cues_of(label)


def _cues_of(label: Label) -> Iterator[LintWarning]:
    for cue in label.cues:
        if cue.regex and nested_quantifier(cue.text):
            advice = f"the pattern {cue.text!r} repeats a repetition and may take very long; flatten it"
            yield LintWarning("nested_quantifier", label.code, advice)
        if cue.weight > _GREAT_WEIGHT:
            advice = f"the cue {cue.text!r} weighs {cue.weight:g} and decides alone; is it never quoted elsewhere?"
            yield LintWarning("great_weight", label.code, advice)
    literal = [(cue, fold_phrase(cue.text)) for cue in label.cues if not cue.regex]
    for place, (cue, text) in enumerate(literal):
        for other, other_text in literal[place + 1 :]:
            if _side(cue) != _side(other):
                continue
            if text == other_text and cue.kind == other.kind:
                yield LintWarning("cue_twice", label.code, f"the {cue.kind} {cue.text!r} is given twice; remove one")
            elif cue.kind == other.kind:
                yield from _idle(label, *sorted((cue, other), key=lambda each: len(each.text)))


def _idle(label: Label, short: Cue, long: Cue) -> Iterator[LintWarning]:
    """Where one cue stands inside another only the heavier counts, so a longer one must be the heavier to matter."""
    if f" {fold_phrase(short.text)} " in f" {fold_phrase(long.text)} " and long.weight <= short.weight:
        advice = f"{long.text!r} holds {short.text!r} and weighs no more, so it adds nothing; remove it or raise it"
        yield LintWarning("cue_within_cue", label.code, advice)


def _shared_cues(taxonomy: Taxonomy) -> Iterator[LintWarning]:
    users: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for label in taxonomy.labels.values():
        # The same words may be title and phrase of one label: they count once here.
        for text, regex in dict.fromkeys((fold_phrase(cue.text), cue.regex) for cue in label.cues if cue.kind in _FOR):
            users[text, regex].append(label.code)
    for (text, _), codes in users.items():
        if len(codes) > 1:
            advice = f"{text!r} speaks for {', '.join(codes)} alike; keep it where it tells them apart"
            yield LintWarning("shared_cue", codes[0], advice)


def _groups(taxonomy: Taxonomy) -> Iterator[LintWarning]:
    used = {label.group for label in taxonomy.labels.values()}
    for group in taxonomy.groups:
        if group not in used:
            yield LintWarning("empty_group", group, "no label is in this group; remove it or add labels")


def _identity(taxonomy: Taxonomy) -> Iterator[LintWarning]:
    used = {kind for label in taxonomy.labels.values() for kind in label.identity}
    for kind, patterns in taxonomy.identity_patterns.items():
        if kind not in used:
            yield LintWarning("unused_identity", kind, "no label uses this kind; name it in `identity` or remove it")
        for pattern in patterns:
            if nested_quantifier(pattern):
                advice = f"the pattern {pattern!r} repeats a repetition and may take very long; flatten it"
                yield LintWarning("nested_quantifier", kind, advice)
            if not any(WORD.search(string) for strings in compile_pattern(pattern).needs for string in strings):
                advice = f"the pattern {pattern!r} holds no fixed word; name what stands before the value"
                yield LintWarning("identity_without_word", kind, advice)


def _rule(rule: Rule, taxonomy: Taxonomy) -> Iterator[LintWarning]:
    for expression in (rule.when, rule.require):
        if expression is None:
            continue
        for fact in unknown_facts(expression, rule.on):
            advice = f"no {rule.on} has the fact {fact!r}, so the outcome is always unknown; see docs/taxonomy.md"
            yield LintWarning("unknown_fact", rule.id, advice)
        for code in labels_named(expression):
            if code not in taxonomy.labels:
                advice = f"{code!r} stands where a label stands but is none; check its spelling"
                yield LintWarning("unknown_label", rule.id, advice)


def _names_a_neighbour(taxonomy: Taxonomy, label: Label) -> bool:
    """Whether the description says how the label differs, or there is no neighbour to differ from."""
    neighbours = [other for other in taxonomy.labels.values() if other.group == label.group and other is not label]
    description = fold_phrase(label.description)
    differs = (" not ", "differs", "unlike", "instead", "rather than", "other than")
    return not neighbours or any(word in f" {description} " for word in differs)


def _side(cue: Cue) -> str:
    return "for" if cue.kind in _FOR else cue.kind
