"""From one reading of a page to what is suspicious about it, in an order of weight."""

from __future__ import annotations

import re
from collections.abc import Iterator

from store.records import HiddenText, PageText, Suspicion
from tools.hostile.instructions import QUOTE, instruction_signs, score

REVIEW = 0.5
"""Score from which a page goes to a person, whatever the confidence."""
MANY = 6
"""Hidden words that leave no doubt; half of them are enough for a review."""
HARMLESS = re.compile(r"\b(?:powered|created|generated) by \S+(?: \(?(?:https?://|www\.)\S+)?|\bpage \d+ of \d+", re.I)
"""What programs write invisibly of themselves, and page numbers that are drawn anew elsewhere."""
SMUGGLED = 0.9
"""Weight of a word that is spelled in characters that are not drawn: no program writes that by accident."""
LONG_RUN = 16
"""Characters that are not drawn and spell nothing readable: from so many on they may hold bits."""
UNSPELLED = re.compile(r"\[(\d+) characters\]")
UNPARTED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")
"""Thai, Lao, Japanese and Chinese letters: their words have no blanks between them."""
LETTERS_A_WORD = 2

SAID_OF = {
    "invisible": "words drawn without ink",
    "same_colour": "words in the colour of their background",
    "covered": "words under something else",
    "tiny": "words too small to read",
    "off_page": "words off the page",
    "hidden_field": "a form field that does not show its value",
    "not_drawn_characters": "characters that are not drawn",
    "not_in_picture": "a text layer that says what the scan does not",
    "instructions": "words that read as orders to a model",
}
WHERE = {"text": "", "hidden": ", hidden", "comment": " in a comment", "form_field": " in a form field"}


def suspicions(text: PageText) -> tuple[Suspicion, ...]:
    """What speaks for an attempt to steer a model, heaviest first."""
    found = [*map(_hidden, text.hidden), *_instructions(text)]
    return tuple(sorted(found, key=lambda suspicion: -suspicion.score))


def review_reasons(text: PageText | None) -> list[str]:
    """Codes that send the page to a person, whatever its confidence."""
    heavy = {s.kind for s in (text.suspicious if text else ()) if s.score >= REVIEW}
    return ["hidden_text"] * bool(heavy - {"instructions"}) + ["instructions_in_text"] * ("instructions" in heavy)


def told(text: PageText | None) -> str:
    """What is suspicious, for people, with a quote each; empty where nothing is."""
    return "; ".join(
        f"{SAID_OF[s.kind]}{WHERE[s.where] if s.kind == 'instructions' else ''}: “{s.quote}”"
        for s in (text.suspicious if text else ())
        if s.score >= REVIEW
    )


def _hidden(hidden: HiddenText) -> Suspicion:
    spelled = HARMLESS.sub(" ", UNSPELLED.sub(" ", hidden.text))
    parted = [word for word in UNPARTED.sub(" ", spelled).split() if len(word) > 1 and any(map(str.isalpha, word))]
    words = len(parted) + len(UNPARTED.findall(spelled)) // LETTERS_A_WORD
    weight = min(1.0, words / MANY)
    if hidden.why == "not_drawn_characters" and (words or sum(map(int, UNSPELLED.findall(hidden.text))) >= LONG_RUN):
        weight = max(weight, SMUGGLED)
    return Suspicion(kind=hidden.why, quote=hidden.text[:QUOTE], score=weight)


def _instructions(text: PageText) -> Iterator[Suspicion]:
    said = {"hidden": " ".join(hidden.text for hidden in text.hidden), "comment": " ".join(text.comments)}
    for where, words in (("text", text.text), *said.items()):
        signs = instruction_signs(words) if words else []
        if signs:
            filled = where == "text" and any(signs[0].quote in value for value in text.filled_in)
            yield Suspicion.model_validate(
                {
                    "kind": "instructions",
                    "quote": signs[0].quote,
                    "score": score(signs),
                    "where": "form_field" if filled else where,
                }
            )
