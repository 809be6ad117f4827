"""What the generator of labelled packets promises."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pypdf import PdfReader

from evals.synth import example_records, generate
from evals.synth.bank import statement
from evals.synth.catalogue import LABELS, LAYOUTS
from evals.synth.degrade import open_pdf, photo_page, scan_page
from evals.synth.disclosures import costs
from evals.synth.examples import SHIPPED, SHIPPED_PER_LABEL, SHIPPED_SEED, shipped_text
from evals.synth.identity import mrz, mrz_check
from evals.synth.income import paycheck
from evals.synth.layout import Layout, draw_document
from evals.synth.people import aba, invent_case
from evals.synth.tax import figures


def texts(pdf: bytes) -> list[str]:
    """The text of each page."""
    document = open_pdf(pdf)
    pages = [str(page.get_textpage().get_text_range()) for page in document]
    document.close()
    return pages


def truth_of(pdf: Path) -> dict[str, Any]:
    path = pdf.parent.parent / "truth" / f"{pdf.stem}.json"
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def layout(name: str) -> Layout:
    return next(each for each in LAYOUTS if each.name == name)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return generate(tmp_path_factory.mktemp("dataset"), packets=3, seed=11, pages=(8, 14), scan_share=0.3)


# ── packets and truth ────────────────────────────────────────────────────────────────────────────


def test_truth_names_every_page_once(dataset: list[Path]) -> None:
    """Pages count from 1, documents from 0, both without gaps, and the PDF has as many pages as the truth."""
    for pdf in dataset:
        truth = truth_of(pdf)
        pages = truth["pages"]
        assert truth["packet"] == pdf.stem
        assert truth["file"] == f"packets/{pdf.name}"
        assert len(PdfReader(pdf).pages) == len(pages)
        assert 8 <= len(pages) <= 14
        assert [page["page"] for page in pages] == list(range(1, len(pages) + 1))
        assert pages[0]["doc_index"] == 0
        for before, after in pairwise(pages):
            if after["doc_index"] == before["doc_index"]:
                assert after["page_in_doc"] == before["page_in_doc"] + 1
                assert after["label"] == before["label"]
            else:
                assert after["doc_index"] == before["doc_index"] + 1
                assert after["page_in_doc"] == 1


def test_labels_json_covers_every_label_of_the_truth(dataset: list[Path]) -> None:
    """A dataset says what its codes mean."""
    labels = json.loads((dataset[0].parent.parent / "labels.json").read_text(encoding="utf-8"))
    used = {page["label"] for pdf in dataset for page in truth_of(pdf)["pages"]}
    assert used <= set(labels)
    assert all(entry["description"] for entry in labels.values())


def test_text_layer_is_where_the_truth_says(dataset: list[Path]) -> None:
    """`has_text` is true for exactly the pages that have words; scans have none."""
    captures = set()
    for pdf in dataset:
        for page, text in zip(truth_of(pdf)["pages"], texts(pdf.read_bytes()), strict=True):
            assert bool(text.strip()) == page["has_text"], page
            if page["capture"] == "scan":
                assert not page["has_text"]
            captures.add(page["capture"])
    assert captures == {"digital", "scan"}


def test_same_seed_gives_the_same_bytes(dataset: list[Path], tmp_path: Path) -> None:
    """Two runs with the same arguments write byte-identical files; another seed writes others."""
    again = generate(tmp_path / "again", packets=3, seed=11, pages=(8, 14), scan_share=0.3)
    for first, second in zip(dataset, again, strict=True):
        assert first.read_bytes() == second.read_bytes()
        assert truth_of(first) == truth_of(second)
    (other,) = generate(tmp_path / "other", packets=1, seed=12, pages=(3, 5), scan_share=0.0)
    assert other.read_bytes() != dataset[0].read_bytes()


def test_every_label_and_the_hard_cases_are_drawn(tmp_path: Path) -> None:
    """Enough packets hold every label, like documents back to back, and blank last pages."""
    packets = generate(tmp_path, packets=10, seed=5, pages=(25, 30), scan_share=0.0)
    seen: Counter[str] = Counter()
    twins = blanks = 0
    for pdf in packets:
        pages = truth_of(pdf)["pages"]
        seen.update(page["label"] for page in pages)
        blanks += sum(not page["has_text"] for page in pages)
        starts = [page["source"] for page in pages if page["page_in_doc"] == 1]
        twins += sum(a == b for a, b in pairwise(starts))
    assert set(seen) == set(LABELS)
    assert twins >= 10
    assert blanks >= 1


def test_a_packet_that_is_all_scans(tmp_path: Path) -> None:
    """With a share of 1 no page keeps its text; with 0 even cards stay digital."""
    (scans,) = generate(tmp_path / "scans", packets=1, seed=3, pages=(2, 3), scan_share=1.0)
    assert {page["capture"] for page in truth_of(scans)["pages"]} == {"scan"}
    assert not any(text.strip() for text in texts(scans.read_bytes()))
    (digital,) = generate(tmp_path / "digital", packets=1, seed=3, pages=(6, 8), scan_share=0.0)
    assert {page["capture"] for page in truth_of(digital)["pages"]} == {"digital"}


@pytest.mark.parametrize(("pages", "share"), [((5, 3), 0.4), ((0, 3), 0.4), ((2, 3), 1.5)])
def test_impossible_wishes_are_refused(tmp_path: Path, pages: tuple[int, int], share: float) -> None:
    """A range that holds no packet, or a share beyond 0..1, is an error and writes nothing."""
    with pytest.raises(ValueError, match=r"pages|share"):
        generate(tmp_path, packets=1, seed=1, pages=pages, scan_share=share)
    assert not any(tmp_path.iterdir())


# ── layouts ──────────────────────────────────────────────────────────────────────────────────────


def test_each_label_has_two_issuers_at_least() -> None:
    """A label is known from more than one form, and each layout has a name of its own."""
    issuers = Counter(each.label for each in LAYOUTS)
    assert set(issuers) == set(LABELS)
    assert min(issuers.values()) >= 2
    assert len({each.name for each in LAYOUTS}) == len(LAYOUTS)


def test_no_two_issuers_of_a_label_print_the_same_form() -> None:
    """For the same people, the lines of two layouts of a label differ, digits aside."""
    case = invent_case("same people")
    for label in LABELS:
        forms = {}
        for each in (each for each in LAYOUTS if each.label == label):
            whole = "\n".join(texts(draw_document(each, case, "same").pdf))
            forms[each.issuer] = {re.sub(r"[\d.]+", "#", line).strip() for line in whole.splitlines()} - {""}
        names = sorted(forms)
        for i, a in enumerate(names):
            for b in names[i + 1 :]:
                shared = len(forms[a] & forms[b]) / min(len(forms[a]), len(forms[b]))
                assert shared < 0.75, f"{label}: {a} and {b} share {shared:.0%} of their lines"


def test_all_pages_fit_on_the_paper() -> None:
    """No layout draws words beyond the edge of the page, whoever the borrowers are."""
    for seed in ("a", "b"):
        case = invent_case(f"paper:{seed}")
        for each in LAYOUTS:
            document = open_pdf(draw_document(each, case, seed).pdf)
            for page in document:
                words = page.get_textpage()
                width, height = page.get_size()
                for i in range(words.count_rects()):
                    left, bottom, right, top = words.get_rect(i)
                    text = words.get_text_bounded(left, bottom, right, top)
                    assert left >= 0, (each.name, text)
                    assert right <= width + 1, (each.name, text)
                    assert bottom >= 0, (each.name, text)
                    assert top <= height, (each.name, text)
            document.close()


def test_people_are_the_same_throughout_a_packet() -> None:
    """Every document that names a borrower names one of the case's, never another."""
    case = invent_case("one couple")
    for name in ("pay_stub/payroll-bureau", "w2/single-copy-b", "loan_application/urla-1003", "w9/official-form"):
        whole = " ".join(texts(draw_document(layout(name), case, "x").pdf)).upper()
        assert any(person.last.upper() in whole for person in case.borrowers), name
        ssns = set(re.findall(r"\b\d{3}-\d{2}-\d{4}\b", whole))
        assert ssns <= {person.ssn for person in case.borrowers}, name


# ── figures ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", range(12))
def test_statement_arithmetic_holds(seed: int) -> None:
    """Each balance is the one before plus the amount, and closing = opening + credits - debits."""
    case = invent_case(f"books:{seed}")
    book = statement(case.borrower, "Test Bank", case.today, Random(seed), entries=40)
    balance = book.opening
    for entry in book.entries:
        balance += entry.amount
        assert entry.balance == balance
        assert book.first <= entry.day <= book.last
    assert book.closing == book.opening + book.credits - book.debits
    assert [entry.day for entry in book.entries] == sorted(entry.day for entry in book.entries)


def test_printed_statement_carries_its_own_totals() -> None:
    """What stands on the paper adds up too: the summary box agrees with the table below it."""
    case = invent_case("printed")
    whole = "\n".join(texts(draw_document(layout("bank_statement/cedar-main"), case, "printed").pdf))

    def cents(pattern: str) -> int:
        found = re.search(pattern + r"\s+-?\$([\d,]+\.\d\d)", whole)
        assert found, pattern
        return int(re.sub(r"[,.]", "", found.group(1)))

    opening, closing = cents(r"Beginning balance:?"), cents(r"Ending balance:?")
    assert closing == opening + cents(r"Deposits and additions:") - cents(r"Withdrawals and deductions:")


@pytest.mark.parametrize("seed", range(6))
def test_pay_and_tax_and_closing_costs_add_up(seed: int) -> None:
    """Net = gross - taxes - deductions; the lines of the 1040 follow from each other; totals are sums."""
    case, rng = invent_case(f"sums:{seed}"), Random(seed)
    pay = paycheck(case.borrower.job, case.today, rng)
    assert pay.net.now == sum(e.now for e in pay.earnings) - sum(e.now for e in (*pay.taxes, *pay.deductions))
    assert pay.net.year == pay.gross.year - pay.withheld.year - pay.deducted.year
    lines = figures(case, rng)
    assert lines["9"] == lines["1z"] + lines["2b"] + lines["8"]
    assert lines["11"] == lines["9"] - lines["10"]
    assert lines["15"] == max(0, lines["11"] - lines["14"])
    assert lines["33"] - lines["24"] == lines["34"] - lines["37"]
    bill = costs(case, rng)
    assert bill.loan_costs + bill.other_costs == sum(fee for rows in bill.sections.values() for _, fee in rows)


@pytest.mark.parametrize("seed", range(8))
def test_passport_check_digits_are_valid(seed: int) -> None:
    """Both MRZ lines have 44 characters and every check digit follows ICAO 9303."""
    who = invent_case(f"mrz:{seed}").borrower
    top, low = mrz(who, who.passport, who.born.replace(year=2031))
    assert len(top) == len(low) == 44
    assert re.fullmatch(r"P<USA[A-Z<]{39}", top)
    for field, digit in ((low[0:9], low[9]), (low[13:19], low[19]), (low[21:27], low[27]), (low[28:42], low[42])):
        assert mrz_check(field) == digit
    assert mrz_check(low[0:10] + low[13:20] + low[21:43]) == low[43]


def test_check_digit_of_the_published_example() -> None:
    """The specimen of ICAO 9303 part 4 has document number L898902C3 with check digit 6."""
    assert mrz_check("L898902C3") == "6"
    assert mrz_check("740812") == "2"


def test_routing_numbers_pass_their_checksum() -> None:
    """The weights 3, 7, 1 give a multiple of ten."""
    for seed in range(20):
        digits = [int(c) for c in aba(Random(seed))]
        assert sum(d * w for d, w in zip(digits, (3, 7, 1) * 3, strict=True)) % 10 == 0


# ── scans ────────────────────────────────────────────────────────────────────────────────────────


def test_a_scan_is_quick_and_looks_like_its_page() -> None:
    """A scanned page costs well under a second of processor time and still carries the ink of the original."""
    document = open_pdf(draw_document(layout("contract/mutual-nda"), invent_case("scan"), "scan").pdf)
    scan_page(document[0], Random(0))
    begun = time.process_time()
    image = scan_page(document[0], Random(1))
    assert time.process_time() - begun < 1.0
    photo = photo_page(document[0], Random(2))
    document.close()
    for pdf in (image, photo):
        shown = open_pdf(pdf)
        grey = shown[0].render(scale=0.5).to_pil().convert("L")
        shown.close()
        darkest, lightest = grey.getextrema()
        assert darkest < 140
        assert lightest > 180


# ── examples ─────────────────────────────────────────────────────────────────────────────────────


def test_examples_cover_every_label_with_short_texts() -> None:
    """Each label has as many examples as asked for, from all its issuers; long texts are cut; none comes twice."""
    records = example_records(seed=2, per_label=4)
    assert Counter(record["label"] for record in records) == dict.fromkeys(LABELS, 4)
    assert len({record["text"] for record in records}) == len(records)
    assert max(len(record["text"]) for record in records) <= 1500
    assert {record["starts_document"] for record in records} == {True, False}
    for label in LABELS:
        sources = {record["source"] for record in records if record["label"] == label}
        assert len(sources) >= 2
        assert all(source.startswith(f"synthetic:{label}/") for source in sources)


def test_shipped_examples_are_what_the_generator_makes() -> None:
    """The committed file is generated: change a layout, then run `write_shipped_examples` and commit the result."""
    assert SHIPPED.read_text(encoding="utf-8") == shipped_text(example_records(SHIPPED_SEED, SHIPPED_PER_LABEL))
    assert SHIPPED.stat().st_size < 500_000
