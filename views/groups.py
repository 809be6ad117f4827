"""Labels and their groups as a reader meets them: names in words, one colour a group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from taxonomy.types import Taxonomy
from views.wording import plain

NO_LABEL = "no label"


@dataclass(frozen=True)
class Colour:
    """One hue, in the three places it is needed."""

    terminal: str
    light: str
    """On white; at least 4.5:1 against white, so it may carry text."""
    dark: str
    """On near-black; at least 4.5:1 against it."""


# Twelve hues spread round the wheel in an order that keeps neighbours apart, after Okabe-Ito and Tol's muted set.
_COLOURS = (
    Colour("blue", "#2a5db0", "#86aef2"),
    Colour("dark_orange3", "#b3541e", "#f0a06a"),
    Colour("cyan", "#0b7a75", "#5ccfc6"),
    Colour("magenta", "#94308f", "#e092dc"),
    Colour("green4", "#3c7a2a", "#92cf7c"),
    Colour("gold3", "#8a6800", "#e0bd50"),
    Colour("slate_blue1", "#5b4bb5", "#b0a4f5"),
    Colour("deep_pink3", "#b02a5c", "#f48fb1"),
    Colour("dark_cyan", "#24718f", "#7cc5e3"),
    Colour("sandy_brown", "#7a5738", "#d1ab87"),
    Colour("chartreuse4", "#5f7112", "#bccc62"),
    Colour("grey62", "#5b6470", "#aab4c2"),
)
NEUTRAL = Colour("grey50", "#6b6f76", "#9aa0a8")
"""Of a page without a label, and of a label that no group claims."""


@dataclass(frozen=True)
class LabelGroups:
    """What a view needs of a taxonomy. Unknown labels are shown by their code, in the neutral colour."""

    names: Mapping[str, str] = field(default_factory=dict)
    """Label code to name."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """Label code to group code."""
    group_names: Mapping[str, str] = field(default_factory=dict)
    """Group code to name, in the taxonomy's order, which is also the order of colours."""

    @classmethod
    def of(cls, taxonomy: Taxonomy) -> LabelGroups:
        return cls(
            names={code: label.name for code, label in taxonomy.labels.items()},
            groups={code: label.group for code, label in taxonomy.labels.items()},
            group_names=dict(taxonomy.groups),
        )

    def name(self, label: str | None) -> str:
        if label is None:
            return NO_LABEL
        return self.names.get(label) or plain(label)

    def group(self, label: str | None) -> str | None:
        return None if label is None else self.groups.get(label)

    def colour(self, label: str | None) -> Colour:
        index = self.index(label)
        return NEUTRAL if index is None else _COLOURS[index]

    def index(self, label: str | None) -> int | None:
        """Which of the colours a label has, from 0; None for the neutral one."""
        group = self.group(label)
        if group not in self.group_names or group is None:
            return None
        return list(self.group_names).index(group) % len(_COLOURS)

    def legend(self) -> list[tuple[str, str, int]]:
        """Group code, group name and colour index, in order."""
        return [(code, name, at % len(_COLOURS)) for at, (code, name) in enumerate(self.group_names.items())]


def palette() -> tuple[Colour, ...]:
    return _COLOURS
