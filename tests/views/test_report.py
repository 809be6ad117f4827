"""The report: one file, everything in it, nothing fetched, nothing of the packet executed."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from html.parser import HTMLParser

from PIL import Image

from store.records import Event, Evidence, Failure, Result
from views.groups import LabelGroups
from views.report import pages_to_picture, render

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}\u202egnp.exe'


class Elements(HTMLParser):
    """Every start tag with its attributes, and the ids."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def ids(self) -> list[str | None]:
        return [attributes["id"] for _, attributes in self.tags if "id" in attributes]


def jpeg() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (110, 142), "white").save(written, "JPEG")
    return written.getvalue()


def test_it_holds_each_page_and_each_document(result: Result, events: list[Event], groups: LabelGroups) -> None:
    """Every page has its own details and its tile, every document its row."""
    found = Elements(render(result, events, {}, groups))
    assert [i for i in found.ids if i and i.startswith("page-")] == [f"page-{p.page}" for p in result.pages]
    assert {f"document-{d.index}" for d in result.documents} <= set(found.ids)
    linked = {a.get("href") for a in found.of("a")}
    assert {f"#page-{page.page}" for page in result.pages} <= linked
    assert {document.file for document in result.documents} <= linked
    assert len(found.ids) == len(set(found.ids))


def test_it_loads_nothing(result: Result, events: list[Event], groups: LabelGroups) -> None:
    """No element has an address outside the file, and a policy inside the file forbids what an element might try."""
    html = render(result, events, {1: jpeg()}, groups)
    found = Elements(html)
    assert "http://" not in html
    assert "https://" not in html
    assert not found.of("link")
    assert not [tag for tag, a in found.tags if tag == "script" and "src" in a]
    assert [a["src"] for a in found.of("img")]
    assert all((a["src"] or "").startswith("data:image/jpeg;base64,") for a in found.of("img"))
    assert "url(" not in html
    assert "@import" not in html
    policy = next(a["content"] for a in found.of("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert "default-src 'none'" in policy
    script = re.search(r"<script>(.*?)</script>", html, re.DOTALL)
    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy, "the page's own script must be allowed to run"


def test_words_of_a_packet_stay_words(result: Result, events: list[Event], groups: LabelGroups) -> None:
    """Markup, template syntax and bidirectional overrides in any text field are shown, never obeyed."""
    page = result.pages[0].model_copy(
        update={
            "label": HOSTILE,
            "rationale": HOSTILE,
            "review_reasons": (HOSTILE,),
            "needs_review": True,
            "evidence": (Evidence(quote=HOSTILE),),
        }
    )
    document = result.documents[0].model_copy(
        update={"label": HOSTILE, "rationale": HOSTILE, "file": "javascript:alert(3)//" + HOSTILE}
    )
    finding = result.findings[0].model_copy(update={"message": HOSTILE, "rule": HOSTILE})
    hostile = result.model_copy(
        update={
            "packet": HOSTILE,
            "pages": (page, *result.pages[1:]),
            "documents": (document, *result.documents[1:]),
            "findings": (finding,),
        }
    )
    event = events[2].model_copy(
        update={
            "tool": HOSTILE,
            "rationale": HOSTILE,
            "observation": {"summary": HOSTILE},
            "arguments": {HOSTILE: HOSTILE},
        }
    )
    html = render(hostile, [event], {}, groups)
    found = Elements(html)
    assert len(found.of("script")) == 1
    assert not found.of("img")
    assert not [name for _, attributes in found.tags for name in attributes if name.startswith("on")]
    assert not [a for a in found.of("a") if (a.get("href") or "").startswith("javascript:")]
    assert "{{ 7*7 }}" in html
    assert "\u202e" not in html


def test_what_waits_for_a_person_comes_first(result: Result, events: list[Event], groups: LabelGroups) -> None:
    """Doubtful pages are told with their reasons in words before the documents are listed."""
    html = render(result, events, {}, groups)
    review, documents = html.index("2 pages to review"), html.index("10 documents")
    assert review < html.index("no engine could read the page") < documents
    assert review < html.index("strong signs speak for different labels") < documents


def test_not_scored_is_not_a_number(result: Result, events: list[Event], groups: LabelGroups) -> None:
    """A confidence of None is a dash, without a bar that could be read as zero."""
    html = render(result, events, {}, groups)
    row = html[html.index('id="document-8"') : html.index('id="document-9"')]
    assert "—" in row
    assert "--v:" not in row
    assert "0.00" not in row


def test_steps_stand_with_their_page(result: Result, events: list[Event], groups: LabelGroups) -> None:
    """A page's details tell what the agent did there and why."""
    html = render(result, events, {}, groups)
    details = html[html.index('id="page-22"') : html.index('id="page-23"')]
    assert "The page has no text layer that can be read." in details
    assert "unreadable: tesseract found 4 words, rapidocr none" in details
    assert "attempt 2" in details


def test_a_rejected_packet_has_a_report() -> None:
    """A result without pages or manifest says why and what to do next."""
    failure = Failure(code="password_needed", message="The file is encrypted.", advice="Give --password.")
    html = render(
        Result(packet="p", job_id="j", status="rejected", manifest=None, error=failure), [], {}, LabelGroups()
    )
    assert "password_needed" in html
    assert "Give --password." in html


def test_pictures_are_limited_and_go_to_the_pages_that_need_them(
    result: Result, events: list[Event], groups: LabelGroups
) -> None:
    """Over the limit, doubtful pages keep their picture before first pages, and those before all others."""
    assert {7, 22} <= set(pages_to_picture(result, 3))
    assert set(pages_to_picture(result, 5)) == {7, 22, 1, 5, 6}
    html = render(result, events, {page.page: jpeg() for page in result.pages}, groups, 2)
    pictured = {a["src"] for a in Elements(html).of("img")}
    assert len(pictured) == 1  # all pictures are the same bytes
    assert html.count("data:image/jpeg") == 3 * 2  # strip, review card and details of two pages


def test_a_packet_of_hundreds_of_pages_keeps_to_small_tiles(
    long_packet: tuple[Result, list[Event]], groups: LabelGroups
) -> None:
    """480 pages stay under 7 MB without pictures, with the strip in its smallest form."""
    html = render(long_packet[0], long_packet[1], {}, groups)
    assert 'class="strip small"' in html
    assert len(html) < 7_000_000
