"""What a model is shown of a page: equal for equal pages, within its size, pictures by reference until the call."""

from __future__ import annotations

import base64

from langchain_core.messages import AIMessage, HumanMessage

from agent.page_request import Hint, Picture, page_request, shortlist, tokens_in, with_pictures
from store.records import PageText
from taxonomy import Taxonomy

TEXT = PageText(page=3, source="text_layer", engine="e", text="Dear Ms Rivera, " * 100)
RULES = {"labels": [{"label": "letter", "score": 4.2}, {"label": "contract", "score": -1.0}]}
EXAMPLES = {"label_scores": [{"label": "w2", "score": 0.7}, {"label": "letter", "score": 0.2}]}


def test_the_shortlist_takes_the_best_of_rules_and_examples_in_turn() -> None:
    """What rules speak against is not on it."""
    assert shortlist(RULES, EXAMPLES) == [Hint("letter", 4.2, 0.2), Hint("w2", None, 0.7)]
    assert shortlist(None, None) == []


def test_a_request_says_nothing_of_job_and_place(small_taxonomy: Taxonomy) -> None:
    """Equal pages make equal requests, wherever they stand, so that one answer serves all."""
    other = TEXT.model_copy(update={"page": 900})
    requests = [page_request(text, [], small_taxonomy, None, 4000) for text in (TEXT, other)]
    assert requests[0] == requests[1]


def test_a_request_holds_shortlist_with_descriptions_and_words(small_taxonomy: Taxonomy) -> None:
    """Each label on the list comes with what it means and what speaks for it."""
    told = str(page_request(TEXT, shortlist(RULES, EXAMPLES), small_taxonomy, None, 4000).content)
    assert "- letter: Letter. A letter from one person to another" in told
    assert "(log-odds of rules 4.2, 20% of similar examples)" in told
    assert TEXT.text.strip() in told


def test_long_text_is_cut_and_says_so(small_taxonomy: Taxonomy) -> None:
    """Four characters a token."""
    told = str(page_request(TEXT, [], small_taxonomy, None, 100).content)
    assert "its first 400 characters are shown" in told
    assert TEXT.text[:400] in told
    assert TEXT.text[:401] not in told


async def test_a_picture_is_encoded_at_the_call(small_taxonomy: Taxonomy) -> None:
    """Before it, the message holds a reference."""
    request = page_request(TEXT, [], small_taxonomy, Picture("sha256:1", 640, 960), 4000)
    assert "sha256:1" in str(request.content)

    async def blob(ref: str) -> bytes:
        return f"bytes of {ref}".encode()

    (sent,) = await with_pictures([request], blob)
    encoded = base64.b64encode(b"bytes of sha256:1").decode()
    assert sent.content[1] == {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{encoded}"}}
    assert "image_url" not in str(request.content)


def test_tokens_are_estimated_by_characters_and_patches(small_taxonomy: Taxonomy) -> None:
    """Four characters a token, tool schemas and calls included; a picture by its size, whatever its bytes."""
    assert tokens_in([HumanMessage("x" * 400)], []) == 100
    with_picture = tokens_in([page_request(None, [], small_taxonomy, Picture("r", 640, 960), 4000)], [])
    without = tokens_in([page_request(None, [], small_taxonomy, None, 4000)], [])
    assert with_picture - without in range(20 * 30, 20 * 30 + 20)
    assert tokens_in([HumanMessage("")], [{"name": "y" * 400}]) > 100
    call = {"name": "read_page", "args": {"rationale": "x" * 400}, "id": "1", "type": "tool_call"}
    assert tokens_in([AIMessage("", tool_calls=[call])], []) > 100
