"""The protocol test server, seen through the real client: what it does, a provider does; what it logs, happened."""

from __future__ import annotations

from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from tests.provider.answers import says
from tests.provider.server import Provider


def test_a_scripted_reply_arrives(provider: Provider) -> None:
    """A call of a tool is seen with its arguments and its usage."""
    provider.script(says(("read_page", {"rationale": "to begin with"}), prompt_tokens=1000, cached_tokens=512))
    model = ChatOpenAI(model="gpt-5-mini", api_key=SecretStr("test"), base_url=provider.url, max_retries=0)
    reply = model.invoke([HumanMessage("hello")])
    assert reply.tool_calls[0]["args"] == {"rationale": "to begin with"}
    assert reply.usage_metadata
    assert reply.usage_metadata["input_token_details"]["cache_read"] == 512
