"""What the examples say: probabilities that leave room for the unknown, from views that may be missing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from store.ports import Store
from store.records import Example
from tools.retrieval import ExampleIndex, LocalEmbedder, example_id
from tools.retrieval.terms import Split, TermIndex, letters, words_and_pairs

SUBJECTS = {
    "pay_stub": ["gross pay", "net pay", "hours worked", "pay period", "deductions", "employer", "year to date"],
    "bank_statement": ["account number", "opening balance", "deposits", "withdrawals", "closing balance", "overdraft"],
    "will": ["last will", "testament", "executor", "bequeath", "estate", "witness whereof", "heirs"],
}


def written(label: str, packet: int, page: int) -> Example:
    """A page of a document: the first names itself, the next continues."""
    phrases = SUBJECTS[label]
    body = " ".join(phrases[(packet + step) % len(phrases)] for step in range(4))
    text = f"{label.replace('_', ' ')} dated today\n{body}" if page == 1 else f"{body}\ncontinued from previous page"
    return Example(
        id=example_id(label, text, f"p{packet}", page, ""),
        label=label,
        text=text,
        starts_document=page == 1,
        packet=f"p{packet}",
        page=page,
    )


PAGES = [written(label, packet, page) for label in SUBJECTS for packet in range(5) for page in (1, 2)]


@pytest.fixture
async def index(store: Store, tmp_path: Path) -> ExampleIndex:
    await store.examples.add(PAGES)
    return await ExampleIndex.open(store.examples, ["default"], tmp_path / "index", LocalEmbedder())


async def test_label_scores_are_a_distribution_that_falls(index: ExampleIndex) -> None:
    """Every label of the examples occurs once, best first, and the sum leaves something for the unknown."""
    scores = index.label_scores("closing balance and overdraft of the account number above")
    assert scores[0][0] == "bank_statement"
    assert [score for _, score in scores] == sorted((score for _, score in scores), reverse=True)
    assert {label for label, _ in scores} == set(SUBJECTS)
    assert 0 < sum(score for _, score in scores) < 1


@pytest.mark.parametrize(
    "strange", ["", "1234 5678", "zur Aufführung gelangt Beethovens fünfte Sinfonie", "日本語の文書です"]
)
async def test_a_page_unlike_all_examples_leaves_most_belief_unspent(index: ExampleIndex, strange: str) -> None:
    """A strange page gets far less belief in its best label than a familiar one."""
    familiar = index.label_scores("net pay and gross pay of the pay period, deductions, employer")
    unfamiliar = index.label_scores(strange)
    assert sum(score for _, score in familiar) > 0.8
    assert sum(score for _, score in unfamiliar) < 0.6
    assert unfamiliar[0][1] < 0.5


async def test_start_score_tells_first_pages_from_the_rest(index: ExampleIndex) -> None:
    """It is a probability learnt from the examples' own first pages."""
    first = index.start_score("will dated today\nexecutor and heirs")
    later = index.start_score("executor and heirs\ncontinued from previous page")
    assert first is not None
    assert later is not None
    assert later < 0.5 < first


async def test_start_score_is_null_where_examples_show_one_kind_only(store: Store, tmp_path: Path) -> None:
    """Not scored is null, never a guess."""
    await store.examples.add([example for example in PAGES if example.page == 1])
    index = await ExampleIndex.open(store.examples, ["default"], tmp_path / "index", LocalEmbedder())
    assert index.start_score("will dated today") is None


@pytest.mark.parametrize("count", [1, 2, 3])
async def test_a_handful_of_examples_is_enough_to_answer(store: Store, tmp_path: Path, count: int) -> None:
    """One example a label already ranks; its belief stays modest."""
    await store.examples.add(PAGES[::10][:count])
    index = await ExampleIndex.open(store.examples, ["default"], tmp_path / "index", LocalEmbedder())
    label, score = index.label_scores("pay stub dated today, gross pay and net pay")[0]
    assert label == "pay_stub"
    assert 0 < score < 1


async def test_examples_without_words_or_look_are_no_obstacle(store: Store, tmp_path: Path) -> None:
    """Blank pages among the examples, and nothing but blank pages, neither break nor win."""
    blank = [Example(id=f"blank-{n}", label="blank", text=" ", starts_document=None) for n in range(3)]
    await store.examples.add(blank, of="blank")
    index = await ExampleIndex.open(store.examples, ["blank"], tmp_path / "index", LocalEmbedder())
    assert index.search("net pay") == []
    assert [label for label, _ in index.label_scores("net pay")] == ["blank"]
    await store.examples.add(PAGES, of="blank")
    await index.sync()
    assert index.label_scores("net pay and gross pay of the pay period")[0][0] == "pay_stub"
    await index.close()


async def test_one_comparison_says_what_three_questions_say(index: ExampleIndex) -> None:
    """Neighbours, labels and start score of a page are the same, asked for together or one by one."""
    text = "bank statement\nopening balance deposits withdrawals"
    found = index.compare(text, None, 5)
    assert found.neighbours == index.search(text, None, 5) != []
    assert found.labels == index.label_scores(text) != []
    assert found.start == index.start_score(text) is not None


@pytest.mark.parametrize(
    ("split", "options"),
    [
        (words_and_pairs, {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"\w+"}),
        (letters, {"analyzer": "char_wb", "ngram_range": (4, 4)}),
    ],
)
def test_terms_weigh_what_scikit_learn_says(split: Split, options: dict[str, Any]) -> None:
    """Cosines among texts and to another one are those of TfidfVectorizer; a text without a known term gives zeros."""
    texts = [page.text for page in PAGES] + ["", "a 1 of 22\t\n ı — ß x", "Fee: 1,200.00 Fee: 99"]
    others = ["opening balance 1,234.56 of the account", "fee a\n\nfee of 77", "—", ""]
    oracle = TfidfVectorizer(preprocessor=lambda text: re.sub(r"\d", "0", text.lower()), sublinear_tf=True, **options)
    rows = oracle.fit_transform(texts)
    index = TermIndex(texts, split)
    assert index.gram() == pytest.approx((rows @ rows.T).toarray(), abs=1e-6)
    for other in others:
        assert index.to(other) == pytest.approx((rows @ oracle.transform([other]).T).toarray().ravel(), abs=1e-6)
