"""The map: nodes and edges of both graphs. Their pictures in the README are generated from here and tested."""

from __future__ import annotations

from typing import Literal

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graph.packet.assemble import assemble
from graph.packet.check import check
from graph.packet.gate import after_gate, gate
from graph.packet.intake import intake
from graph.packet.publish import publish
from graph.packet.review import after_request, request_review, review
from graph.packet.run import PacketRun
from graph.packet.wait import wait_for_pages
from graph.page.act import MOST_MISTAKES, act
from graph.page.look import look
from graph.page.run import PageRun
from graph.page.store import store
from graph.page.think import think
from graph.page.verdict import after_verdict, verdict
from graph.state import PacketState, PageState

PageGraph = CompiledStateGraph[PageState, PageRun, PageState, PageState]
PacketGraph = CompiledStateGraph[PacketState, PacketRun, PacketState, PacketState]


def page_graph(checkpointer: BaseCheckpointSaver[str] | None = None) -> PageGraph:
    """One page, thread `{job}:{page}`."""
    graph = StateGraph(PageState, context_schema=PageRun)
    graph.add_node("look", look)
    graph.add_node("think", think)
    graph.add_node("act", act)
    graph.add_node("verdict", verdict)
    graph.add_node("store", store)
    graph.add_edge(START, "look")
    graph.add_conditional_edges("look", after_look)
    graph.add_conditional_edges("think", after_think)
    graph.add_conditional_edges("act", after_act)
    graph.add_conditional_edges("verdict", after_verdict)
    graph.add_edge("store", END)
    return graph.compile(checkpointer=checkpointer)


def packet_graph(checkpointer: BaseCheckpointSaver[str] | None = None) -> PacketGraph:
    """One packet, thread `{job}`."""
    graph = StateGraph(PacketState, context_schema=PacketRun)
    graph.add_node("intake", intake)
    graph.add_node("wait_for_pages", wait_for_pages)
    graph.add_node("assemble", assemble)
    graph.add_node("check", check)
    graph.add_node("gate", gate)
    graph.add_node("publish", publish)
    graph.add_node("request_review", request_review)
    graph.add_node("review", review)
    graph.add_edge(START, "intake")
    graph.add_edge("intake", "wait_for_pages")
    graph.add_edge("wait_for_pages", "assemble")
    graph.add_edge("assemble", "check")
    graph.add_edge("check", "gate")
    graph.add_conditional_edges("gate", after_gate)
    graph.add_conditional_edges("request_review", after_request)
    graph.add_edge("review", "wait_for_pages")
    graph.add_edge("publish", END)
    return graph.compile(checkpointer=checkpointer)


def after_look(state: PageState) -> Literal["think", "verdict"]:
    """A page that cannot be looked at is not asked about."""
    return "verdict" if state["look"] is None else "think"


def after_think(state: PageState) -> Literal["act", "verdict"]:
    """No reply means that the cap of turns was reached."""
    return "verdict" if state["reply"] is None else "act"


def after_act(state: PageState) -> Literal["think", "verdict"]:
    """Go on until there is a verdict, or too many replies could not be used."""
    return "verdict" if state["submitted"] is not None or state["mistakes"] > MOST_MISTAKES else "think"


def new_page(job_id: str, page: int) -> PageState:
    """Memory of a page before its first step."""
    return PageState(
        job_id=job_id,
        page=page,
        look=None,
        text=None,
        turn=0,
        tier=0,
        tier_began=0,
        held=None,
        image=None,
        calls=0,
        tokens=0,
        reply=None,
        usage=None,
        steps=[],
        mistakes=0,
        reasons=[],
        submitted=None,
        verdict=None,
    )


def new_packet(job_id: str) -> PacketState:
    """Memory of a packet before its first step."""
    return PacketState(job_id=job_id, page_count=0, assembled=None, doubts=0, decided=0, stale=False)
