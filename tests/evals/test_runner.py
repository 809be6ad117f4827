"""A run writes down every packet, whatever becomes of it, and is taken up where it was left."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from evals.dataset import Dataset, load_dataset
from evals.doors import eval_run
from evals.errors import DatasetError, RunUnreadable
from evals.rows import read_rows, rows_of, write_rows
from evals.runner import Progress, run
from evals.summary import Subject, read_summary
from store.errors import Unavailable
from store.records import Result, TaxonomyPin
from tools.errors import DocumentRejected


async def test_writes_results_rows_and_summary(dataset: Dataset, oracle: Any, subject: Subject, tmp_path: Path) -> None:
    """A machine that knows the truth scores 1 everywhere, and the files read back as what was returned."""
    out = tmp_path / "out"
    summary = await run(dataset, out, oracle, subject=subject)
    assert (summary.packets, summary.executed, summary.not_executed, summary.pages_total) == (6, 6, (), 30)
    assert {figure.value for figure in summary.headline.values()} == {1.0}
    assert read_summary(out) == summary
    rows = read_rows(out / "pages.csv")
    assert len(rows) == 30
    stored = Result.model_validate_json((out / "results" / "loan_0.json").read_bytes())
    assert rows[:5] == rows_of(dataset.packets[0], stored)
    assert summary.manifest.cores >= 1
    assert not list(out.rglob("*.partial"))


async def test_others_are_shown_but_never_the_packet_itself(
    dataset: Dataset, oracle: Any, subject: Subject, tmp_path: Path
) -> None:
    """Under `others` each packet sees all others but those kept out; under `none` it sees nothing."""
    await run(dataset.sample(["loan_0"]), tmp_path / "a", oracle, subject=subject, keep_out=["loan_5"])
    assert oracle.shown["loan_0"] == ["loan_1", "loan_2", "loan_3", "loan_4"]
    await run(dataset.sample(["loan_0"]), tmp_path / "b", oracle, subject=subject, examples="none")
    assert oracle.shown["loan_0"] == []


FAILURES = [
    (DocumentRejected("damaged", "no trailer", "Scan it again."), "damaged", "rejected"),
    (Unavailable("the provider is down"), "unavailable", "failed"),
    (ZeroDivisionError("division by zero"), "bug", "failed"),
]


@pytest.mark.parametrize(("failure", "code", "status"), FAILURES)
async def test_a_failed_packet_counts_as_wrong_and_is_named(
    dataset: Dataset, oracle: Any, subject: Subject, tmp_path: Path, failure: Exception, code: str, status: str
) -> None:
    """Whatever its fault, a packet without an answer stays in every denominator and stops no other."""
    oracle.failing = {"loan_2": failure}
    summary = await run(dataset, tmp_path, oracle, subject=subject, concurrency=3)
    assert (summary.packets, summary.executed) == (6, 5)
    (lost,) = summary.not_executed
    assert (lost.packet, lost.pages, lost.failure.code) == ("loan_2", 5, code)
    assert lost.failure.advice
    assert summary.pages.n == 30
    assert summary.headline["page_accuracy"].value == pytest.approx(25 / 30)
    assert summary.headline["documents_exact"].value == pytest.approx(15 / 18)
    assert summary.headline["boundary_recall"].value == pytest.approx(10 / 12)
    assert summary.routing.not_executed.pages == 5
    stored = Result.model_validate_json((tmp_path / "results" / "loan_2.json").read_bytes())
    assert (stored.status, stored.pages) == (status, ())
    trace = json.loads((tmp_path / "runs" / "loan_2.json").read_text())["traceback"]
    assert ("ZeroDivisionError" in trace) if code == "bug" else trace is None


async def test_a_result_that_failed_is_no_answer_even_if_it_holds_pages(
    dataset: Dataset, oracle: Any, subject: Subject, tmp_path: Path
) -> None:
    """A failed status makes the pages beside it worthless."""

    class HalfDone:
        async def __call__(self, pdf: Path, example_packets: Any) -> Result:
            result: Result = await oracle(pdf, example_packets)
            return result.model_copy(update={"status": "failed"})

    summary = await run(dataset, tmp_path, HalfDone(), subject=subject)
    assert (summary.executed, summary.headline["page_accuracy"].value) == (0, 0.0)
    assert {lost.failure.code for lost in summary.not_executed} == {"failed"}


def _lose_a_page(result: Result) -> Result:
    return result.model_copy(update={"pages": result.pages[:-1]})


def _double_a_page(result: Result) -> Result:
    return result.model_copy(update={"pages": (*result.pages[:-1], result.pages[0])})


def _forget_a_document(result: Result) -> Result:
    return result.model_copy(update={"documents": result.documents[:-1]})


def _no_manifest(result: Result) -> Result:
    return result.model_copy(update={"manifest": None})


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (_lose_a_page, "pages_differ"),
        (_double_a_page, "pages_differ"),
        (_forget_a_document, "documents_differ"),
        (_no_manifest, "manifest_missing"),
    ],
)
async def test_a_result_that_does_not_add_up_is_not_counted(
    dataset: Dataset, oracle: Any, subject: Subject, tmp_path: Path, harm: Any, code: str
) -> None:
    """Lost, doubled or orphaned pages are a failure with a name, not a smaller denominator."""

    class Careless:
        async def __call__(self, pdf: Path, example_packets: Any) -> Result:
            return harm(await oracle(pdf, example_packets))  # type: ignore[no-any-return]

    summary = await run(dataset.sample(["loan_0"]), tmp_path, Careless(), subject=subject)
    assert [lost.failure.code for lost in summary.not_executed] == [code]
    assert summary.headline["page_accuracy"].value == 0.0


@pytest.mark.parametrize(
    ("pins", "code"),
    [
        ({"model": "cascade"}, "manifest_differs"),
        ({"taxonomy": TaxonomyPin(name="lending", version=2, sha256="c" * 64)}, "manifest_differs"),
        ({"calibrator": None}, "manifest_differs"),
        ({"packet_sha256": "0" * 64}, "packet_differs"),
    ],
)
async def test_answers_of_another_machine_are_not_counted(
    dataset: Dataset, oracle: Any, subject: Subject, tmp_path: Path, pins: dict[str, Any], code: str
) -> None:
    """What the summary says was tested is what answered: other pins are a failure."""
    oracle.manifest = pins
    summary = await run(dataset.sample(["loan_0"]), tmp_path, oracle, subject=subject)
    assert [lost.failure.code for lost in summary.not_executed] == [code]


async def test_finished_packets_are_not_run_again(
    dataset: Dataset, oracle: Any, subject: Subject, tmp_path: Path
) -> None:
    """A second run into the folder takes over what is there, tries failed packets again, and ends the same."""
    oracle.failing = {"loan_1": Unavailable("down")}
    await run(dataset.sample(["loan_0", "loan_1"]), tmp_path, oracle, subject=subject)
    oracle.failing, oracle.asked = {}, []
    seen: list[Progress] = []
    summary = await run(dataset, tmp_path, oracle, subject=subject, progress=seen.append)
    assert sorted(oracle.asked) == ["loan_1", "loan_2", "loan_3", "loan_4", "loan_5"]
    assert {one.packet: one.outcome for one in seen}["loan_0"] == "reused"
    assert [one.done for one in seen] == [1, 2, 3, 4, 5, 6]
    assert summary.executed == 6
    oracle.asked = []
    assert await run(dataset, tmp_path, oracle, subject=subject) == summary
    assert oracle.asked == []


async def test_another_manifest_takes_over_nothing(
    dataset: Dataset, oracle: Any, subject: Subject, tmp_path: Path
) -> None:
    """Another model in the same folder runs everything itself."""
    await run(dataset, tmp_path, oracle, subject=subject)
    oracle.asked, oracle.manifest = [], {"model": "cascade"}
    await run(dataset, tmp_path, oracle, subject=subject.model_copy(update={"model": "cascade"}))
    assert len(oracle.asked) == 6


async def test_a_changed_result_file_is_not_taken_over(
    dataset: Dataset, oracle: Any, subject: Subject, tmp_path: Path
) -> None:
    """An answer that was edited, or half written, is asked for again."""
    await run(dataset, tmp_path, oracle, subject=subject)
    path = tmp_path / "results" / "loan_4.json"
    path.write_text(path.read_text().replace("pay_stub", "w2"))
    (tmp_path / "results" / "loan_5.json").write_text("{")
    oracle.asked = []
    await run(dataset, tmp_path, oracle, subject=subject)
    assert sorted(oracle.asked) == ["loan_4", "loan_5"]


async def test_a_cancelled_run_keeps_what_it_finished(
    dataset: Dataset, oracle: Any, subject: Subject, tmp_path: Path
) -> None:
    """Cancelling in the fourth packet leaves three answers for the next run to take over."""
    fourth = asyncio.Event()

    class Stalling:
        async def __call__(self, pdf: Path, example_packets: Any) -> Result:
            if len(oracle.asked) == 3:
                fourth.set()
                await asyncio.Event().wait()
            return await oracle(pdf, example_packets)  # type: ignore[no-any-return]

    task = asyncio.create_task(run(dataset, tmp_path, Stalling(), subject=subject))
    await fourth.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(RunUnreadable, match=r"summary\.json cannot be read"):
        read_summary(tmp_path)
    oracle.asked = []
    await run(dataset, tmp_path, oracle, subject=subject)
    assert len(oracle.asked) == 3


async def test_no_more_packets_at_once_than_allowed(
    dataset: Dataset, oracle: Any, subject: Subject, tmp_path: Path
) -> None:
    """`concurrency` is how many packets are in flight: two pass the barrier together, a third never joins them."""
    flying, most = 0, 0
    together = asyncio.Barrier(2)

    class Counting:
        async def __call__(self, pdf: Path, example_packets: Any) -> Result:
            nonlocal flying, most
            flying += 1
            most = max(most, flying)
            await together.wait()
            flying -= 1
            return await oracle(pdf, example_packets)  # type: ignore[no-any-return]

    await run(dataset, tmp_path, Counting(), subject=subject, concurrency=2)
    assert most == 2


async def test_an_empty_sample_is_refused(dataset: Dataset, oracle: Any, subject: Subject, tmp_path: Path) -> None:
    """Figures over nothing would look like figures."""
    with pytest.raises(DatasetError, match="left to run"):
        await run(dataset.without([f"loan_{n}" for n in range(6)]), tmp_path, oracle, subject=subject)


async def test_the_door_runs_a_folder(dataset_folder: Path, oracle: Any, subject: Subject, tmp_path: Path) -> None:
    """`eval_run` reads the folder, takes the sample, and its exit code tells whether every packet was executed."""
    names = ["loan_0", "loan_1"]
    summary, code = await eval_run(dataset_folder, tmp_path / "out", oracle, subject=subject, sample=names)
    assert (summary.manifest.packets, code) == (("loan_0", "loan_1"), 0)
    oracle.failing = {"loan_0": Unavailable("down")}
    _, code = await eval_run(dataset_folder, tmp_path / "two", oracle, subject=subject, leave_out=["loan_1"])
    assert code == 1


def test_rows_survive_the_file(dataset: Dataset, oracle: Any, tmp_path: Path) -> None:
    """None, False and empty stay three things in `pages.csv`, and floats keep every bit."""
    oracle.mistakes = lambda packet, page: page == 1
    rows = rows_of(dataset.packets[0], oracle.answer(dataset.packets[0]))
    write_rows(rows, tmp_path / "pages.csv")
    assert read_rows(tmp_path / "pages.csv") == rows


def test_a_foreign_csv_is_refused(tmp_path: Path) -> None:
    """Another table is not read as a run."""
    (tmp_path / "pages.csv").write_text("packet,page\np,1\n")
    with pytest.raises(RunUnreadable, match="other columns"):
        read_rows(tmp_path / "pages.csv")


def test_the_hash_covers_the_file_not_its_name(dataset_folder: Path) -> None:
    """The packet's own hash is that of its bytes: a re-upload under the same name is another packet."""
    one, two = load_dataset(dataset_folder).packets[:2]
    assert one.pdf_sha256 != two.pdf_sha256
