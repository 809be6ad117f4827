"""What is wrong with a taxonomy file, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One mistake in a taxonomy file."""

    file: str
    line: int | None
    """Counts from 1; None where the file as a whole is at fault."""
    column: int | None
    """Counts from 1."""
    message: str
    """What is wrong."""
    advice: str
    """What to do about it."""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}:{self.column}"
        return f"{place}: {self.message}. {self.advice}."


class TaxonomyError(Exception):
    """A taxonomy cannot be used; `problems` holds every mistake found, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
