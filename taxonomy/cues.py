"""What the cues of a taxonomy say of one page: the hot path, a few milliseconds for a thousand cues and more.

Literal phrases are found through their words (no page without the words has the phrase), patterns through the
characters of the strings they need. How weights add up is described in `docs/taxonomy.md`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from taxonomy.folded import WORD, FoldedText, fold_phrase
from taxonomy.fuzzy import FuzzyPhrases
from taxonomy.identity import IdentityFinder
from taxonomy.patterns import Pattern, PatternIndex, compile_pattern
from taxonomy.printed import printed_number, running_lines
from taxonomy.title import TitleZone
from taxonomy.types import Cue, CueHit, CueKind, CueReport, Label, LabelCues, Taxonomy

FUZZY_SHARE = 0.85
"""A phrase found with OCR errors has this share of its weight, times its similarity."""
_FULL_WEIGHTS = 3
_DAMPING = 0.8
_TITLE_DAMPING = 0.5
_MAX_PLACES = 50
_REMEMBERED = 32
"""Pages whose report is kept: one is asked for by the tool and again for the verdict, with other pages in between."""

_Place = tuple[int, int]


@dataclass(frozen=True)
class _Use:
    """One cue of one label."""

    label: int
    cue: Cue


@dataclass(frozen=True)
class _Phrase:
    """One literal phrase and every cue that has it."""

    text: str
    words: frozenset[str]
    uses: tuple[_Use, ...]
    only_titles: bool


@dataclass(frozen=True)
class _Expression:
    """One regular expression and every cue that has it."""

    pattern: Pattern
    uses: tuple[_Use, ...]
    title: bool
    """Whether it is searched among the titles only."""


class _Found(NamedTuple):
    """One cue on one page, before weights add up."""

    label: int
    cue: Cue
    place: _Place
    weight: float


class CueMatcher:
    """Matches the cues of one taxonomy; made once, then used for every page, from any thread."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._labels: tuple[Label, ...] = tuple(taxonomy.labels.values())
        uses: dict[str, list[_Use]] = defaultdict(list)
        expressions: dict[tuple[str, bool], list[_Use]] = defaultdict(list)
        for index, label in enumerate(self._labels):
            for cue in label.cues:
                if cue.regex:
                    expressions[cue.text, cue.kind == "title"].append(_Use(index, cue))
                else:
                    uses[fold_phrase(cue.text)].append(_Use(index, cue))
        self._phrases = {text: _phrase(text, tuple(users)) for text, users in uses.items() if WORD.search(text)}
        self._by_word = _index(self._phrases.values())
        self._expressions = [
            _Expression(compile_pattern(text), tuple(users), title) for (text, title), users in expressions.items()
        ]
        self._by_need = PatternIndex(expression.pattern for expression in self._expressions)
        vocabulary = frozenset(word for text in self._phrases for word in WORD.findall(text))
        self._fuzzy = FuzzyPhrases(tuple(self._phrases), vocabulary)
        self._identity = IdentityFinder(taxonomy)
        self._report = lru_cache(maxsize=_REMEMBERED)(self._match)

    def report(self, text: str, ocr: bool) -> CueReport:
        """What all cues say of a page, given its plain text with line breaks.

        With `ocr`, phrases of ten characters and more also count where the engine misread some of their characters.
        Cues look at the first 20,000 characters, page numbers and running lines at the whole page. Never raises.
        """
        return self._report(text, ocr)

    def _match(self, text: str, ocr: bool) -> CueReport:
        page = FoldedText(text)
        zone = TitleZone(page)
        found = list(self._literal(page, zone, ocr))
        found.extend(self._regular(page, zone))
        return CueReport(
            labels=self._weigh(page, found),
            identity=self._identity.find(page),
            printed=printed_number(text),
            running=running_lines(text),
        )

    def _literal(self, page: FoldedText, zone: TitleZone, ocr: bool) -> Iterator[_Found]:
        matched: set[str] = set()
        for word in page.words & self._by_word.keys():
            for phrase in self._by_word[word]:
                if not phrase.words <= page.words:
                    continue
                places = _places(page.flat, phrase.text, zone.end if phrase.only_titles else len(page.flat))
                if places:
                    matched.add(phrase.text)
                    yield from _found(phrase.uses, places, zone, 1.0)
        if not ocr:
            return
        for found, fuzzy_places in self._fuzzy.find(page.flat, matched):
            similarity = max(place.similarity for place in fuzzy_places)
            places = [(place.start, place.end) for place in fuzzy_places]
            yield from _found(self._phrases[found].uses, places, zone, FUZZY_SHARE * similarity)

    def _regular(self, page: FoldedText, zone: TitleZone) -> Iterator[_Found]:
        for index in self._by_need.candidates(page.keys):
            expression = self._expressions[index]
            match = expression.pattern.search(page.lined, zone.end if expression.title else None, page.keys)
            if match and match.end() > match.start():
                yield from _found(expression.uses, [match.span()], zone, 1.0)

    def _weigh(self, page: FoldedText, found: list[_Found]) -> tuple[LabelCues, ...]:
        by_label: dict[int, list[_Found]] = defaultdict(list)
        for hit in found:
            by_label[hit.label].append(hit)
        said = [self._label_cues(page, self._labels[index], hits) for index, hits in by_label.items()]
        return tuple(sorted(said, key=lambda cues: (-cues.score, cues.label)))

    def _label_cues(self, page: FoldedText, label: Label, found: list[_Found]) -> LabelCues:
        by_kind: dict[CueKind, list[_Found]] = defaultdict(list)
        for hit in found:
            by_kind["phrase" if hit.cue.kind == "pattern" else hit.cue.kind].append(hit)
        titles = _damped(by_kind["title"], full=1, damping=_TITLE_DAMPING)
        body, against, first, later = (
            _damped(by_kind[kind], full=_FULL_WEIGHTS, damping=_DAMPING)
            for kind in ("phrase", "negative", "first_page", "continuation")
        )
        weighed = [*titles, *body, *against, *first, *later]
        return LabelCues(
            label=label.code,
            score=label.prior + _sum(titles) + _sum(body) - _sum(against),
            start=_sum(titles) + _sum(first) - _sum(later),
            hits=tuple(
                CueHit(kind=hit.cue.kind, cue=hit.cue.text, quote=page.quote(*hit.place), weight=hit.weight)
                for hit in weighed
            ),
        )


def _phrase(text: str, uses: tuple[_Use, ...]) -> _Phrase:
    return _Phrase(text, frozenset(WORD.findall(text)), uses, all(use.cue.kind == "title" for use in uses))


def _index(phrases: Collection[_Phrase]) -> dict[str, list[_Phrase]]:
    """Each phrase under the one of its words that fewest phrases have."""
    commonness = Counter(word for phrase in phrases for word in set(WORD.findall(phrase.text)))
    index: dict[str, list[_Phrase]] = defaultdict(list)
    for phrase in phrases:
        rarest = min(WORD.findall(phrase.text), key=lambda word: (commonness[word], -len(word), word))
        index[rarest].append(phrase)
    return dict(index)


def _places(flat: str, phrase: str, end: int) -> list[_Place]:
    """Where a phrase stands on whole words, before `end`."""
    places: list[_Place] = []
    opens, closes = phrase[0].isalnum(), phrase[-1].isalnum()
    at = flat.find(phrase, 0, end)
    while at >= 0 and len(places) < _MAX_PLACES:
        after = at + len(phrase)
        if not (opens and at > 0 and flat[at - 1].isalnum()) and not (
            closes and after < len(flat) and flat[after].isalnum()
        ):
            places.append((at, after))
        at = flat.find(phrase, at + 1, end)
    return places


def _found(uses: tuple[_Use, ...], places: list[_Place], zone: TitleZone, share: float) -> Iterator[_Found]:
    """Each use once, however often its cue stands on the page; a title at the place where it stands best."""
    for use in uses:
        if use.cue.kind != "title":
            yield _Found(use.label, use.cue, places[0], use.cue.weight * share)
            continue
        standing, place = max(((zone.standing(*place), place) for place in places), key=lambda pair: pair[0])
        if standing > 0:
            yield _Found(use.label, use.cue, place, use.cue.weight * share * standing)


def _damped(found: list[_Found], full: int, damping: float) -> list[_Found]:
    """Hits by falling weight; from the one after `full` on each counts less than the one before.

    Where one hit stands inside another (`statement` in `bank statement`), the heavier alone counts: the same words are
    not evidence twice.
    """
    kept: list[_Found] = []
    places: list[_Place] = []
    for hit in sorted(found, key=_heavier_then_longer):
        start, end = hit.place
        if not any((low <= start and end <= high) or (start <= low and high <= end) for low, high in places):
            places.append(hit.place)
            kept.append(hit._replace(weight=hit.weight * damping ** max(len(kept) - full + 1, 0)))
    return kept


def _heavier_then_longer(hit: _Found) -> tuple[float, int, str]:
    return -hit.weight, hit.place[0] - hit.place[1], hit.cue.text


def _sum(hits: list[_Found]) -> float:
    return sum(hit.weight for hit in hits)
