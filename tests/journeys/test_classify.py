"""The command a user types first: a packet in; documents, reasons and an exit code out."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject

from store import trail

DrawPacket = Callable[..., Path]
StartPagetrail = Callable[..., subprocess.Popen[str]]

TAXONOMY = Path(__file__).parents[1] / "small.v1.yaml"


@pytest.fixture
def classify(start_pagetrail: StartPagetrail, tmp_path: Path) -> Callable[..., Any]:
    """Runs `pagetrail classify PACKET --out OUT …`; exit code, stdout, stderr and result.json (None if not written)."""

    def run(packet: Path, *options: str | Path) -> tuple[int, str, str, Any]:
        out = tmp_path / "out"
        command = start_pagetrail(tmp_path / "home", "classify", packet, "--out", out, "--taxonomy", TAXONOMY, *options)
        said, told = command.communicate(timeout=300)
        written = out / "result.json"
        return command.returncode, said, told, json.loads(written.read_text()) if written.exists() else None

    return run


def test_a_packet_comes_out_as_files(classify: Callable[..., Any], draw_packet: DrawPacket, tmp_path: Path) -> None:
    """result.json, audit.jsonl, report.html and one PDF a document, its title the label, its source pages noted."""
    code, _, told, result = classify(draw_packet())
    out = tmp_path / "out"

    assert code == 10, told
    assert [document["file"] for document in result["documents"]] == [
        "documents/00-letter.pdf",
        "documents/01-w2.pdf",
        "documents/02-contract.pdf",
    ]
    contract = PdfReader(out / "documents/02-contract.pdf")
    assert len(contract.pages) == 2
    assert contract.metadata is not None
    assert contract.metadata.title == "Agreement"
    assert contract.metadata.subject == "packet, pages 3-4"
    events = [trail.from_line(line) for line in (out / "audit.jsonl").read_text().splitlines()]
    assert trail.verify(events) is None
    assert "<html" in (out / "report.html").read_text()
    assert "page 2/4  w2" in told, "off a terminal, progress is plain lines"


def test_json_is_all_that_is_printed(classify: Callable[..., Any], draw_packet: DrawPacket) -> None:
    """With --json, stdout is result.json and nothing else."""
    _, said, _, result = classify(draw_packet(), "--json")
    assert json.loads(said) == result


def test_a_folder_of_examples_is_compared_with(
    classify: Callable[..., Any], draw_packet: DrawPacket, tmp_path: Path
) -> None:
    """One folder a label: pages that no cue knows get their label from the examples."""
    words = ["Certificate of sunshine", "The bearer has seen the sun on twelve days of this month."]
    for label in ("w2", "letter"):
        (tmp_path / "taught" / label).mkdir(parents=True)
    draw_packet("one", [words]).rename(tmp_path / "taught/w2/one.pdf")
    draw_packet("two", [["A note about rain", "It rained all day and all night long."]]).rename(
        tmp_path / "taught/letter/two.pdf"
    )
    _, _, _, untaught = classify(draw_packet("new", [words]))
    assert untaught["manifest"]["examples"]["count"] == 0
    _, _, _, taught = classify(draw_packet("new", [words]), "--examples", tmp_path / "taught")
    assert taught["manifest"]["examples"]["count"] == 2
    assert taught["pages"][0]["label"] == "w2"


# ── bad files: a code, advice, exit code 20 ──────────────────────────────────────────────────────


def _encrypted(path: Path) -> Path:
    writer = PdfWriter(path)
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(path)
    return path


def _without_pages(path: Path) -> Path:
    writer = PdfWriter()
    writer.write(path)
    return path


def _page_tree_in_a_loop(path: Path) -> Path:
    writer = PdfWriter(path)
    tree = writer._root_object["/Pages"].get_object()
    assert isinstance(tree, DictionaryObject)
    tree[NameObject("/Kids")] = ArrayObject([writer._root_object.raw_get("/Pages")])
    tree[NameObject("/Count")] = NumberObject(4)
    writer.write(path)
    return path


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda path: path.write_bytes(b"") and None, "empty_file"),
        (lambda path: path.write_bytes(b"GIF89a" + b"\0" * 500), "not_a_pdf"),
        (lambda path: path.write_bytes(path.read_bytes()[:400]), "damaged"),
        (_encrypted, "password_needed"),
        (_without_pages, "no_pages"),
        (_page_tree_in_a_loop, "page_tree_broken"),
    ],
    ids=["empty", "another format", "truncated", "encrypted", "no pages", "page tree in a loop"],
)
def test_a_bad_file_is_rejected_with_code_and_advice(
    classify: Callable[..., Any], draw_packet: DrawPacket, spoil: Callable[[Path], Any], code: str
) -> None:
    """Exit code 20, and result.json says what is wrong and what to do next; no label is made up."""
    packet = draw_packet()
    spoil(packet)
    exit_code, said, told, result = classify(packet)
    assert exit_code == 20, told
    assert result["status"] == "rejected"
    assert result["error"]["code"] == code
    assert len(result["error"]["advice"]) > 10
    assert result["pages"] == []
    assert f"{code}: " in said


def test_a_password_opens_an_encrypted_packet(
    classify: Callable[..., Any], draw_packet: DrawPacket, tmp_path: Path
) -> None:
    """The right one classifies, a wrong one is its own code; it is written down nowhere."""
    packet = _encrypted(draw_packet())
    code, _, _, result = classify(packet, "--password", "wrong")
    assert (code, result["error"]["code"]) == (20, "password_wrong")
    code, _, told, result = classify(packet, "--password", "secret")
    assert code == 10, told
    assert [document["label"] for document in result["documents"]] == ["letter", "w2", "contract"]
    kept = [path for path in (tmp_path / "home").rglob("*") if path.is_file() and b"secret" in path.read_bytes()]
    assert kept == []


def test_a_broken_page_alone_goes_to_review(
    classify: Callable[..., Any], draw_packet: DrawPacket, tmp_path: Path
) -> None:
    """The page that cannot be read has no label and says why; its neighbours have theirs."""
    writer = PdfWriter(draw_packet())
    tree = writer._root_object["/Pages"].get_object()
    assert isinstance(tree, DictionaryObject)
    kids = tree["/Kids"]
    assert isinstance(kids, ArrayObject)
    kids[0] = writer._add_object(NumberObject(7))
    writer.write(tmp_path / "hole.pdf")

    code, _, told, result = classify(tmp_path / "hole.pdf")

    assert code == 10, told
    first, *others = result["pages"]
    assert (first["label"], first["confidence"]) == (None, None)
    assert "page_unreadable" in first["review_reasons"]
    assert [page["label"] for page in others] == ["w2", "contract", "contract"]


def test_a_person_answers_and_the_same_command_goes_on(
    classify: Callable[..., Any], draw_packet: DrawPacket, start_pagetrail: StartPagetrail, tmp_path: Path
) -> None:
    """Every doubt is listed and answered on the command line; the job then completes with exit code 0."""

    def review(*arguments: str) -> tuple[int, str]:
        command = start_pagetrail(tmp_path / "home", "review", *arguments)
        said, told = command.communicate(timeout=120)
        return command.returncode, said + told

    _, _, _, waiting = classify(draw_packet())
    job = waiting["job_id"]
    _, doubts = review("show", job, "--json")
    for doubt in map(json.loads, doubts.splitlines()):
        begins = "--begins" if doubt["proposed"].get("starts_document") else "--goes-on"
        answer = ["--label", doubt["proposed"]["label"]] if doubt["kind"] == "page" else [begins]
        code, said = review(
            "decide", job, "--page", str(doubt["page"]), "--reason", "seen", "--reviewer", "ann", *answer
        )
        assert code == 0, said
    code, _, told, result = classify(draw_packet())

    assert code == 0, told
    assert (result["job_id"], result["status"]) == (job, "completed")
    assert {page["confidence"] for page in result["pages"]} == {1.0}
    assert review("decide", job, "--page", "1", "--reason", "x", "--reviewer", "ann", "--label", "nonsense")[0] == 2
