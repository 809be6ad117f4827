"""Wait until every page has its verdict. Holds the interrupt and nothing else: the node runs again on resume."""

from __future__ import annotations

from typing import Any

from langgraph.types import interrupt

from graph.state import PacketState


def wait_for_pages(state: PacketState) -> dict[str, Any]:
    interrupt("pages")
    return {}
