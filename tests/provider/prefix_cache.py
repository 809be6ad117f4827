"""Prompt caching as providers do it: tokens are cheap from the start of a prompt to where it first differs."""

from __future__ import annotations

import hashlib
import json

from tests.provider.asked import Asked

BLOCK = 512
"""Characters that stand for 128 tokens, the step in which OpenAI counts."""
LEAST = 1024
"""Tokens below which nothing is cached."""


class PrefixCache:
    """Remembers the beginnings of every prompt. A picture counts by its content, at its place."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def cached_tokens(self, asked: Asked) -> int:
        """How much of this prompt's beginning an earlier one shared; remembers this one."""
        prompt = json.dumps([asked.body.get("tools"), asked.messages])
        chain = hashlib.sha256(asked.model.encode())
        blocks, shared = 0, True
        for at in range(0, len(prompt) - BLOCK + 1, BLOCK):
            chain.update(prompt[at : at + BLOCK].encode())
            mark = chain.digest()
            shared = shared and mark in self._seen
            blocks += shared
            self._seen.add(mark)
        tokens = min(blocks * BLOCK // 4, asked.prompt_tokens)
        return tokens if tokens >= LEAST else 0
