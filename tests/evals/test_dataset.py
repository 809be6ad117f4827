"""A labelled folder is read whole, or refused with what to do."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from evals.dataset import Dataset, load_dataset
from evals.errors import DatasetError

PacketInto = Callable[[Path, str, Sequence[tuple[int, str | None, str | None]]], None]


def test_reads_packets_in_order_of_their_names(dataset: Dataset) -> None:
    """Packets come sorted by name, with every page, and the folder gives the dataset its name."""
    assert dataset.name == "dataset"
    assert [packet.name for packet in dataset.packets] == [f"loan_{n}" for n in range(6)]
    assert [page.label for page in dataset.packets[0].pages] == [
        "w2",
        "pay_stub",
        "pay_stub",
        "bank_statement",
        "bank_statement",
    ]


def test_the_hash_changes_with_any_truth(dataset_folder: Path) -> None:
    """One corrected label makes it another dataset; reading it twice does not."""
    before = load_dataset(dataset_folder).sha256
    assert load_dataset(dataset_folder).sha256 == before
    truth = dataset_folder / "truth" / "loan_3.json"
    truth.write_text(truth.read_text().replace("bank_statement", "pay_stub"))
    assert load_dataset(dataset_folder).sha256 != before


def test_null_is_a_label_that_nobody_gave(tmp_path: Path, packet_into: PacketInto) -> None:
    """`label: null` is kept as None."""
    packet_into(tmp_path, "one", [(0, None, None)])
    assert load_dataset(tmp_path).packets[0].pages[0].label is None


def _no_truth(folder: Path) -> None:
    (folder / "truth" / "loan_1.json").unlink()


def _no_packet(folder: Path) -> None:
    (folder / "packets" / "loan_1.pdf").unlink()


def _no_labels(folder: Path) -> None:
    (folder / "labels.json").unlink()


def _foreign_label(folder: Path) -> None:
    (folder / "labels.json").write_text(json.dumps(["w2"]))


def _one_page_less(folder: Path) -> None:
    truth = folder / "truth" / "loan_1.json"
    content = json.loads(truth.read_text())
    truth.write_text(json.dumps({"pages": content["pages"][:-1]}))


def _page_twice(folder: Path) -> None:
    truth = folder / "truth" / "loan_1.json"
    content = json.loads(truth.read_text())
    content["pages"][1]["page"] = 1
    truth.write_text(json.dumps(content))


def _label_forgotten(folder: Path) -> None:
    truth = folder / "truth" / "loan_1.json"
    content = json.loads(truth.read_text())
    del content["pages"][2]["label"]
    truth.write_text(json.dumps(content))


def _broken_pdf(folder: Path) -> None:
    (folder / "packets" / "loan_1.pdf").write_bytes(b"this is no PDF")


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (_no_truth, "needs its truth file"),
        (_no_packet, "no such packet"),
        (_no_labels, "labels.json cannot be read"),
        (_foreign_label, "labels.json does not have: bank_statement, pay_stub"),
        (_one_page_less, "loan_1.pdf has 5 pages, loan_1.json speaks of 4"),
        (_page_twice, "does not list its pages as 1, 2, 3"),
        (_label_forgotten, "pages.2.label"),
        (_broken_pdf, "cannot be opened"),
    ],
)
@pytest.mark.filterwarnings("ignore")  # pypdf warns about the broken file before it gives up
def test_what_cannot_be_trusted_is_refused(dataset_folder: Path, harm: Callable[[Path], None], says: str) -> None:
    """Each defect of a folder is a DatasetError that names it and says what to do."""
    harm(dataset_folder)
    with pytest.raises(DatasetError, match=says) as refused:
        load_dataset(dataset_folder)
    assert refused.value.advice


def test_an_empty_folder_is_no_dataset(tmp_path: Path) -> None:
    """A folder without packets is refused, not a run over nothing."""
    with pytest.raises(DatasetError, match=r"holds no packets"):
        load_dataset(tmp_path)


def test_a_sample_keeps_pool_and_hash(dataset: Dataset) -> None:
    """A sample runs less, but examples still come from the whole folder, and it bears the folder's hash."""
    sample = dataset.sample(["loan_4", "loan_1"])
    assert [packet.name for packet in sample.packets] == ["loan_1", "loan_4"]
    assert len(sample.others_for(sample.packets[0])) == 5
    assert sample.sha256 == dataset.sha256
    assert [packet.name for packet in sample.without(["loan_1"]).packets] == ["loan_4"]


def test_unknown_names_are_refused(dataset: Dataset) -> None:
    """A misspelt packet is an error, not an empty or a full run."""
    for refuse in (dataset.sample, dataset.without, lambda names: dataset.others_for(dataset.packets[0], names)):
        with pytest.raises(DatasetError, match="no packet named loan_9"):
            refuse(["loan_9"])


def test_packets_that_share_a_source_never_serve_as_examples(tmp_path: Path, packet_into: PacketInto) -> None:
    """Another page of the same source file is a leak; a page without source shares with nobody."""
    packet_into(tmp_path, "a", [(0, "w2", "repo:forms.pdf#page=1"), (1, "w2", None)])
    packet_into(tmp_path, "b", [(0, "w2", "repo:forms.pdf#page=2")])
    packet_into(tmp_path, "c", [(0, "w2", "repo:other.pdf#page=1")])
    packet_into(tmp_path, "d", [(0, "w2", None)])
    dataset = load_dataset(tmp_path)
    a = dataset.packets[0]
    assert [other.name for other in dataset.others_for(a)] == ["c", "d"]
    assert [other.name for other in dataset.others_for(a, keep_out=["c"])] == ["d"]


def test_the_same_file_under_another_name_never_serves_as_example(tmp_path: Path, packet_into: PacketInto) -> None:
    """A copied PDF answers the question about itself, whatever it is called."""
    packet_into(tmp_path, "a", [(0, "w2", None)])
    packet_into(tmp_path, "b", [(0, "w2", None)])
    (tmp_path / "packets" / "b.pdf").write_bytes((tmp_path / "packets" / "a.pdf").read_bytes())
    dataset = load_dataset(tmp_path)
    assert dataset.others_for(dataset.packets[0]) == ()
