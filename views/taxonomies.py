"""Taxonomies for people: what one may say, and how two versions differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Literal, TypeVar

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from taxonomy.types import Cue, Label, Rule, Taxonomy
from views.groups import LabelGroups
from views.wording import count

T = TypeVar("T")


def show(taxonomy: Taxonomy, console: Console) -> None:
    """Labels by group, then the rules."""
    groups = LabelGroups.of(taxonomy)
    console.print(Text(f"{taxonomy.name} version {taxonomy.version}", style="bold"), Text(taxonomy.description))
    console.print(Text(f"sha256 {taxonomy.sha256}", style="dim"))
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for heading in ("", "label", "name", "pages", "cues"):
        table.add_column(
            heading, justify="right" if heading in {"pages", "cues"} else "left", no_wrap=heading != "name"
        )
    for code, group in taxonomy.groups.items():
        for label in (label for label in taxonomy.labels.values() if label.group == code):
            mark = Text("■ " + group, style=groups.colour(label.code).terminal)
            pages = f"{label.pages.typical}, at most {label.pages.max}"
            table.add_row(mark, label.code, label.name, pages, str(len(label.cues)))
    console.print(table)
    for rule in taxonomy.rules:
        console.print(Text.assemble((f"{rule.severity:>8}  ", "dim"), (rule.id, "bold"), f"  {rule.message}"))


def show_label(label: Label, console: Console) -> None:
    """One label with all that is known of it."""
    console.print(Text.assemble((label.code, "bold"), f"  {label.name}  ", (label.group, "dim")))
    console.print(Text(label.description))
    console.print(Text(f"{label.pages.typical} pages typically, {label.pages.max} at most", style="dim"))
    if label.identity:
        console.print(Text("told apart by " + ", ".join(label.identity), style="dim"))
    for cue in label.cues:
        console.print(Text.assemble((f"{cue.kind:>12} {cue.weight:>5.1f}  ", "dim"), _cue(cue)))


def _cue(cue: Cue) -> str:
    return f"/{cue.text}/" if cue.regex else cue.text


@dataclass(frozen=True)
class Difference:
    """One label, rule or group that is not the same in both."""

    kind: Literal["added", "removed", "changed"]
    what: str
    details: tuple[str, ...] = ()


def differences(old: Taxonomy, new: Taxonomy) -> list[Difference]:
    """What `new` says that `old` did not, and the other way round; empty where they mean the same."""
    return [
        *_compared("group", old.groups, new.groups, lambda was, now: [f"{was} → {now}"]),
        *_compared("label", old.labels, new.labels, _label_details),
        *_compared(
            "identity", old.identity_patterns, new.identity_patterns, lambda was, now: _listed("pattern", was, now)
        ),
        *_compared("rule", _by_id(old.rules), _by_id(new.rules), _rule_details),
    ]


def show_differences(found: Sequence[Difference], console: Console) -> None:
    marks = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}
    for difference in found:
        mark, style = marks[difference.kind]
        console.print(Text(f"{mark} {difference.what}", style=style))
        for detail in difference.details:
            console.print(Text(f"    {detail}"))
    console.print(Text(count(len(found), "difference") if found else "They say the same.", style="dim"))


def _by_id(rules: Iterable[Rule]) -> dict[str, Rule]:
    return {rule.id: rule for rule in rules}


def _compared(
    noun: str, old: Mapping[str, T], new: Mapping[str, T], details: Callable[[T, T], list[str]]
) -> list[Difference]:
    removed = [Difference("removed", f"{noun} {code}") for code in old if code not in new]
    added = [Difference("added", f"{noun} {code}") for code in new if code not in old]
    changed = [
        Difference("changed", f"{noun} {code}", tuple(details(old[code], new[code])))
        for code in new
        if code in old and old[code] != new[code]
    ]
    return removed + added + changed


def _label_details(old: Label, new: Label) -> list[str]:
    plain = [
        f"{field.name}: {getattr(old, field.name)} → {getattr(new, field.name)}"
        for field in fields(Label)
        if field.name != "cues" and getattr(old, field.name) != getattr(new, field.name)
    ]
    return plain + _listed("cue", [_told(cue) for cue in old.cues], [_told(cue) for cue in new.cues])


def _told(cue: Cue) -> str:
    return f"{cue.kind} {_cue(cue)} ({cue.weight:g})"


def _rule_details(old: Rule, new: Rule) -> list[str]:
    return [
        f"{field.name}: {getattr(old, field.name)} → {getattr(new, field.name)}"
        for field in fields(Rule)
        if getattr(old, field.name) != getattr(new, field.name)
    ]


def _listed(noun: str, old: Iterable[str], new: Iterable[str]) -> list[str]:
    before, after = list(old), list(new)
    return [f"{noun} gone: {item}" for item in before if item not in after] + [
        f"{noun} new: {item}" for item in after if item not in before
    ]
