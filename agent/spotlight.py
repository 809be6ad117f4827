"""Page text is data: it is set between marks that the page cannot know, so that it cannot close them itself."""

from __future__ import annotations

import hashlib


def spotlight(text: str) -> str:
    """The text between marks derived from itself: the same text always gives the same request."""
    mark = hashlib.sha256(b"page\0" + text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"<page_text_{mark}>\n{text}\n</page_text_{mark}>"
