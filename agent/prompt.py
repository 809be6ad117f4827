"""Prompts are files with a version in their name; the manifest pins their hashes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources

from taxonomy import Taxonomy


@dataclass(frozen=True)
class Prompt:
    """One prompt file."""

    name: str
    """File name without ending, for example `page.v1`."""
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def load_prompt(name: str) -> Prompt:
    """Raise FileNotFoundError where this version of the code carries no such prompt."""
    return Prompt(name, (resources.files("agent") / "prompts" / f"{name}.md").read_text(encoding="utf-8"))


def page_instructions(prompt: Prompt, taxonomy: Taxonomy) -> str:
    """The system message: equal for all pages of a run, so that providers can cache it as a prefix."""
    labels = "\n".join(f"- {label.code}: {label.name}. {label.description}" for label in taxonomy.labels.values())
    return prompt.text.replace("{labels}", labels)
