"""A taxonomy for people: as Markdown, whole or one label, and as the difference between two versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from taxonomy.errors import Problem, TaxonomyError
from taxonomy.load import CUE_KINDS
from taxonomy.types import Cue, Label, Taxonomy

_KIND_NAMES = {
    "title": "Titles",
    "phrase": "Phrases",
    "pattern": "Patterns",
    "first_page": "Says that a document begins",
    "continuation": "Says that a document goes on",
    "negative": "Speaks against it",
}


def show(taxonomy: Taxonomy, code: str | None = None) -> str:
    """Markdown: all labels by group, or everything about one label. Raise TaxonomyError for an unknown label."""
    if code is None:
        return "\n".join(_overview(taxonomy))
    label = taxonomy.labels.get(code)
    if label is None:
        near = ", ".join(other for other in taxonomy.labels if code in other or other in code)
        advice = f"Perhaps you mean {near}" if near else f"Run `pagetrail taxonomy show {taxonomy.name}` for all labels"
        raise TaxonomyError([Problem(taxonomy.name, None, None, f"there is no label {code!r}", advice)])
    return "\n".join(_one_label(taxonomy, label))


def _overview(taxonomy: Taxonomy) -> Iterator[str]:
    cues = sum(len(label.cues) for label in taxonomy.labels.values())
    yield f"# {taxonomy.name}, version {taxonomy.version}\n"
    yield f"{taxonomy.description}\n"
    yield f"{len(taxonomy.labels)} labels, {cues} cues, {len(taxonomy.rules)} rules, sha256 `{taxonomy.sha256}`\n"
    for group, name in taxonomy.groups.items():
        members = [label for label in taxonomy.labels.values() if label.group == group]
        if not members:
            continue
        yield f"## {name}\n"
        yield "| Label | Name | Pages | Cues |\n|---|---|---|---|"
        for label in members:
            pages = f"{label.pages.typical}, at most {label.pages.max}"
            yield f"| `{label.code}` | {label.name} | {pages} | {len(label.cues)} |"
        yield ""
    if taxonomy.rules:
        yield "## Rules\n"
        for rule in taxonomy.rules:
            when = f" where `{rule.when}`" if rule.when else ""
            yield f"- `{rule.id}` ({rule.severity}, on {rule.on}): `{rule.require}`{when}. {rule.message}"


def _one_label(taxonomy: Taxonomy, label: Label) -> Iterator[str]:
    yield f"# {label.name} (`{label.code}`)\n"
    yield f"{label.description}\n"
    yield f"- Group: {taxonomy.groups[label.group]}"
    yield f"- Pages: usually {label.pages.typical}, at most {label.pages.max}"
    if label.identity:
        yield f"- Told apart by: {', '.join(label.identity)}"
    if label.contains:
        yield f"- May carry inside it: {', '.join(label.contains)}"
    if label.prior:
        yield f"- Prior: {label.prior:+g}"
    for kind in CUE_KINDS:
        cues = [cue for cue in label.cues if cue.kind == kind]
        if cues:
            yield f"\n## {_KIND_NAMES[kind]}\n"
            yield from (_cue_line(cue) for cue in sorted(cues, key=lambda cue: -cue.weight))


def _cue_line(cue: Cue) -> str:
    return f"- `{cue.text}`{' (regular expression)' if cue.regex else ''}, weight {cue.weight:g}"


@dataclass(frozen=True)
class LabelChange:
    """How one label differs between two taxonomies."""

    label: str
    fields: tuple[str, ...]
    """Fields other than cues that differ."""
    cues_added: tuple[Cue, ...]
    cues_removed: tuple[Cue, ...]


@dataclass(frozen=True)
class TaxonomyDiff:
    """What changed from one taxonomy to another."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[LabelChange, ...]
    rules: tuple[str, ...]
    """Rules that were added, removed or changed."""
    identity_kinds: tuple[str, ...]
    """Kinds of identity keys whose patterns were added, removed or changed."""


def diff(old: Taxonomy, new: Taxonomy) -> TaxonomyDiff:
    """What changed, in file order of the new taxonomy; a changed weight is a cue removed and a cue added."""
    both = [code for code in new.labels if code in old.labels]
    changes = (_change(old.labels[code], new.labels[code]) for code in both)
    old_rules = {rule.id: rule for rule in old.rules}
    new_rules = {rule.id: rule for rule in new.rules}
    kinds = dict.fromkeys((*new.identity_patterns, *old.identity_patterns))
    return TaxonomyDiff(
        added=tuple(code for code in new.labels if code not in old.labels),
        removed=tuple(code for code in old.labels if code not in new.labels),
        changed=tuple(change for change in changes if change is not None),
        rules=tuple(
            rule for rule in dict.fromkeys((*new_rules, *old_rules)) if new_rules.get(rule) != old_rules.get(rule)
        ),
        identity_kinds=tuple(
            kind for kind in kinds if new.identity_patterns.get(kind) != old.identity_patterns.get(kind)
        ),
    )


def _change(old: Label, new: Label) -> LabelChange | None:
    names = ("name", "group", "description", "pages", "identity", "prior", "contains")
    fields = tuple(name for name in names if getattr(old, name) != getattr(new, name))
    added = tuple(cue for cue in new.cues if cue not in old.cues)
    removed = tuple(cue for cue in old.cues if cue not in new.cues)
    return LabelChange(new.code, fields, added, removed) if fields or added or removed else None
