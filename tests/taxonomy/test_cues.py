"""Cues on a page: what counts, how much, and that every quote stands there."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxonomy import Cue, CueKind, CueMatcher, CueReport, Label, LabelCues, PageLimits, Taxonomy
from taxonomy.cues import FUZZY_SHARE
from taxonomy.folded import FoldedText, fold
from taxonomy.identity import normalise_identity


def cue(kind: CueKind, text: str, weight: float = 2.0, regex: bool | None = None) -> Cue:
    return Cue(kind, text, kind == "pattern" if regex is None else regex, weight)


def label(code: str, *cues: Cue, prior: float = 0.0) -> Label:
    return Label(
        code=code,
        name=code,
        group="all",
        description="A label for tests.",
        pages=PageLimits(1, 9),
        identity=("account_number", "ein"),
        cues=cues,
        prior=prior,
    )


def taxonomy(*labels: Label) -> Taxonomy:
    patterns: dict[str, tuple[str, ...]] = {
        "account_number": (r"account\s+(?:number|no\.?|#)\s*[:#]?\s*([x*\d][x*\d\- ]{3,20})",),
        "ein": (r"\b(\d{2}-\d{7})\b",),
        "borrower": (r"borrower:\s*([a-z .,'-]+)$",),
    }
    return Taxonomy("t", 1, "0" * 64, "", {"all": "All"}, {one.code: one for one in labels}, patterns, ())


W2 = label(
    "w2",
    cue("title", "wage and tax statement", 4.0),
    cue("phrase", "employer identification number"),
    cue("phrase", "wages, tips, other compensation"),
    cue("phrase", "employer's state id number"),
    cue("pattern", r"\bForm\s+W-?2\b", 3.0),
)
BANK = label(
    "bank_statement",
    cue("title", "account statement", 3.0),
    cue("phrase", "ending balance", 1.0),
    cue("first_page", "previous statement", 1.0),
    cue("continuation", r"continued\s+from", 2.0, regex=True),
    cue("negative", "wage and tax statement", 5.0),
    prior=-0.5,
)
MATCHER = CueMatcher(taxonomy(W2, BANK))
PAGE = """Form W-2 Wage and Tax Statement 2023
Employer identification
number  12-3456789
Wages, tips, other compensation 50,000.00
Employer’s state ID number
Account number: XXXX-1234
Page 1 of 2"""


def of(report: CueReport, code: str) -> LabelCues:
    return next(found for found in report.labels if found.label == code)


def one(kind: CueKind, text: str, page: str, *, ocr: bool = False) -> list[str]:
    """The quotes of a single cue on a page."""
    report = CueMatcher(taxonomy(label("x", cue(kind, text)))).report(page, ocr)
    return [hit.quote for found in report.labels for hit in found.hits]


def test_a_clean_page() -> None:
    """All cues of the right label are found, with the words as they stand, and the rest of the report."""
    report = MATCHER.report(PAGE, ocr=False)
    w2 = of(report, "w2")
    assert report.labels[0] is w2
    assert {hit.quote for hit in w2.hits} == {
        "Wage and Tax Statement",
        "Form W-2",
        "Employer identification number",
        "Wages, tips, other compensation",
        "Employer’s state ID number",
    }
    assert report.identity == (("account_number", "*1234"), ("ein", "123456789"))
    assert report.printed == (1, 2)


def test_score_is_the_sum_of_its_hits() -> None:
    """Score = prior + titles + phrases + patterns - negatives; start = titles + first_page - continuation."""
    report = MATCHER.report(f"{PAGE}\nEnding balance\nprevious statement\ncontinued from page 1", ocr=False)
    assert len(report.labels) == 2
    for found in report.labels:
        added: dict[str, float] = defaultdict(float)
        for hit in found.hits:
            added[hit.kind] += hit.weight
        prior = -0.5 if found.label == "bank_statement" else 0.0
        score = prior + added["title"] + added["phrase"] + added["pattern"] - added["negative"]
        assert found.score == pytest.approx(score)
        assert found.start == pytest.approx(added["title"] + added["first_page"] - added["continuation"])
    assert of(report, "bank_statement").score == pytest.approx(-0.5 + 1.0 - 5.0)
    assert of(report, "bank_statement").start == pytest.approx(1.0 - 2.0)


def test_an_empty_page_says_nothing() -> None:
    """No text, no labels: a blank page has no evidence for or against anything."""
    for text in ("", " \n\t ", "\ufeff\u200b"):
        report = MATCHER.report(text, ocr=True)
        assert (report.labels, report.identity, report.printed) == ((), (), None)


@pytest.mark.parametrize(
    ("phrase", "page", "quotes"),
    [
        ("lease", "Please sign the release", []),
        ("lease", "This lease, made today", ["lease"]),
        ("form 1040", "Form 1040-X", ["Form 1040"]),
        ("form 1040", "Form 10401", []),
        ("id number", "____ID number____", ["ID number"]),
        ("seller's note", "SELLER’S  \r\n NOTE", ["SELLER’S NOTE"]),
        ("first-time buyer", "First–time buyer", ["First–time buyer"]),
        ("office file", "o\ufb03ce \ufb01le", ["o\ufb03ce \ufb01le"]),
        ("co-operative", "Co\u2010oper\u00adative", ["Co\u2010oper\u00adative"]),
        ("(rev. 2020)", "Form (Rev. 2020)", ["(Rev. 2020)"]),
        ("straße", "STRASSE", ["STRASSE"]),
    ],
)
def test_words_and_their_boundaries(phrase: str, page: str, quotes: list[str]) -> None:
    """Phrases match whole words over line breaks, whatever the case, quotes, dashes and ligatures."""
    assert one("phrase", phrase, page) == quotes


def test_a_cue_counts_once() -> None:
    """The same words ten times are one hit."""
    assert one("phrase", "ending balance", "Ending balance 1.00\n" * 10) == ["Ending balance"]


def test_words_are_not_evidence_twice() -> None:
    """Where one phrase stands inside another only the heavier counts; where it stands alone it counts as well."""
    inner, outer = cue("phrase", "balance", 1.0), cue("phrase", "ending balance", 2.0)
    matcher = CueMatcher(taxonomy(label("x", inner, outer)))
    assert matcher.report("The ending balance", ocr=False).labels[0].score == pytest.approx(2.0)
    assert matcher.report("Balance: see ending balance", ocr=False).labels[0].score == pytest.approx(3.0)


def test_many_weak_phrases_do_not_swamp_a_title() -> None:
    """From the fourth on each phrase counts less: fifteen weak ones stay below half of their plain sum."""
    words = [f"weakword{'abcdefghijklmno'[n]}" for n in range(15)]
    matcher = CueMatcher(taxonomy(label("x", *(cue("phrase", word, 1.0) for word in words))))
    report = matcher.report("\n".join(words), ocr=False)
    assert len(report.labels[0].hits) == 15
    assert 3.0 < report.labels[0].score < 7.5
    assert of(matcher.report("\n".join(words[:3]), ocr=False), "x").score == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("page", "share"),
    [
        ("Account Statement\nJohn Doe", 1.0),
        ("ACME Bank\n\nACCOUNT STATEMENT 2024", 1.0),
        ("ACME Savings Bank Account Statement", 1.0),
        ("account statement\nall in small letters", 1.0),
        ("We send you the enclosed Account Statement because the law of the state wants it", 1 / 3),
        ("You will find your\naccount statement below", 1 / 3),
        ("x\n" * 700 + "Account Statement", None),
        ("word " * 400 + "Account Statement", None),
    ],
)
def test_titles_stand_at_the_top(page: str, share: float | None) -> None:
    """A heading in the first lines counts whole, within a sentence a third, further below not at all."""
    matcher = CueMatcher(taxonomy(label("x", cue("title", "account statement", 3.0))))
    report = matcher.report(page, ocr=False)
    if share is None:
        assert report.labels == ()
    else:
        assert report.labels[0].score == pytest.approx(3.0 * share)
        assert report.labels[0].start == pytest.approx(3.0 * share)


def test_the_best_place_of_a_title_counts() -> None:
    """A title first named in a sentence and then set as a heading counts as a heading."""
    page = "Please keep this account statement for a long time with your other papers\nAccount Statement\n"
    matcher = CueMatcher(taxonomy(label("x", cue("title", "account statement", 3.0))))
    assert matcher.report(page, ocr=False).labels[0].score == pytest.approx(3.0)


def test_ocr_damage_is_forgiven_only_under_ocr() -> None:
    """Misread characters still give the phrase, for a little less weight; a text layer is taken at its word."""
    damaged = PAGE.replace("Wage and Tax", "Wagc and Tux").replace("compensation", "cornpensation")
    clean, forgiving = MATCHER.report(damaged, ocr=False), MATCHER.report(damaged, ocr=True)
    assert "title" not in {hit.kind for hit in of(clean, "w2").hits}
    title = next(hit for hit in of(forgiving, "w2").hits if hit.kind == "title")
    assert title.quote == "Wagc and Tux Statement"
    assert 4.0 * FUZZY_SHARE * 0.85 < title.weight < 4.0 * FUZZY_SHARE
    assert "Wages, tips, other cornpensation" in {hit.quote for hit in of(forgiving, "w2").hits}


@pytest.mark.parametrize(
    ("phrase", "page"),
    [
        ("form 1099-int", "Form 1098-INT"),
        ("schedule c profit", "Schedule E profit"),
        ("employer signature", "Employee signature"),
        ("ssn code", "ssn cade"),
        ("account statement", "count on statements of the discount"),
    ],
)
def test_neighbours_are_not_damage(phrase: str, page: str) -> None:
    """Another form number, another letter, another word of the taxonomy or a short phrase is never forgiven."""
    neighbour = cue("phrase", "employee and employer")
    matcher = CueMatcher(taxonomy(label("x", cue("phrase", phrase)), label("y", neighbour)))
    assert matcher.report(page, ocr=True).labels == ()


def test_damaged_phrases_are_found_on_long_pages() -> None:
    """With one misread character in twelve, on a page full of other words, nine phrases in ten are still found."""
    rng = random.Random(7)
    filler = ["the", "amount", "of", "money", "during", "period", "shall", "remain", "with", "under", "terms"]
    words = ["quarterly", "premium", "escrow", "balance", "transfer", "notice"]
    phrases = sorted({f"{' '.join(rng.choices(words, k=3))} {letter}llotment" for letter in "abcdefghij" * 4})
    matcher = CueMatcher(taxonomy(label("x", *(cue("phrase", phrase) for phrase in phrases))))
    found = 0
    for phrase in phrases:
        letters = list(phrase)
        for at in rng.sample([i for i, c in enumerate(letters) if c.isalpha()], len(letters) // 12):
            letters[at] = "#"
        around = rng.choices(filler, k=600)
        around.insert(rng.randrange(600), "".join(letters))
        report = matcher.report(" ".join(around), ocr=True)
        found += any(hit.cue == phrase for each in report.labels for hit in each.hits)
    assert found >= 0.9 * len(phrases)


@pytest.mark.parametrize(
    ("value", "normal"),
    [
        ("12-3456789", "123456789"),
        ("XXX-XX-1234", "*1234"),
        ("***-**-1234", "*1234"),
        ("xxxx xxxx 1234", "*1234"),
        ("•••• 1234", "*1234"),
        ("John Q. Public", "johnqpublic"),
        ("Xavier Max", "xaviermax"),
        ("O’Brien", "obrien"),
        ("XXXX", None),
        ("-", None),
        ("", None),
    ],
)
def test_identity_values_have_one_form(value: str, normal: str | None) -> None:
    """Spaces, punctuation, case and the way of masking do not make two identities of one."""
    assert normalise_identity(value) == normal


def test_at_most_four_values_of_a_kind() -> None:
    """A page that lists many numbers does not flood the record, and one number twice is one value."""
    page = "\n".join(f"12-345678{n}" for n in (0, 0, 1, 2, 3, 4, 5))
    values = [value for kind, value in MATCHER.report(page, ocr=False).identity if kind == "ein"]
    assert values == ["123456780", "123456781", "123456782", "123456783"]


def test_patterns_see_lines() -> None:
    """`$` and `^` match at line breaks, capitals in a pattern match small letters and the other way round."""
    assert MATCHER.report("Borrower: Ann O'Neil\nCo: x", ocr=False).identity == (("borrower", "annoneil"),)
    assert one("pattern", r"^Loan[A-Z ]+$", "a\nLOAN ESTIMATE\nb") == ["LOAN ESTIMATE"]


WORDS = st.sampled_from([*PAGE.split(), "\n", "account", "statement", "ﬁle", "\u00ad", "\u200b", "İ", "ﬀ", "\ufffe"])


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(WORDS, max_size=60).map(" ".join)), st.booleans())
def test_every_quote_stands_on_the_page(text: str, ocr: bool) -> None:
    """Whatever the text, a report comes back, and each quote stands in the text (line breaks read as spaces)."""
    report = MATCHER.report(text, ocr)
    plain = " ".join(text.split())
    for found in report.labels:
        for hit in found.hits:
            assert 0 < len(hit.quote) <= 120
            assert hit.quote in plain
    assert report == MATCHER.report(text, ocr)


@given(st.text(alphabet=st.characters(), max_size=200))
def test_folded_positions_lead_back(text: str) -> None:
    """Both folded forms have one length, and every folded word leads back to words that fold to something with it."""
    page = FoldedText(text)
    assert len(page.flat) == len(page.lined)
    at = 0
    for word in page.flat.split():
        start = page.flat.index(word, at)
        at = start + len(word)
        low, high = page.original(start, at)
        assert 0 <= low < high <= len(text)
        assert word in "".join(fold(text[low:high]).split())


def test_reports_are_values() -> None:
    """Two matchers of one taxonomy say the same of one page."""
    other = CueMatcher(replace(taxonomy(W2, BANK), version=2))
    assert other.report(PAGE, ocr=True) == MATCHER.report(PAGE, ocr=True)


def test_a_page_is_matched_once_however_often_it_is_asked_about() -> None:
    """Asking again gives the very report; other words, and the same words under OCR, are matched anew."""
    matcher = CueMatcher(taxonomy(W2, BANK))
    report = matcher.report(PAGE, ocr=False)
    damaged = PAGE.replace("Wage and Tax Statement", "Wage and Tax Statemcnt")
    assert matcher.report(damaged, ocr=False) != matcher.report(damaged, ocr=True)
    assert matcher.report(PAGE, ocr=False) is report
    assert matcher.report(PAGE, ocr=True) == MATCHER.report(PAGE, ocr=True)
