"""Names of operations and attributes: OpenTelemetry's conventions for generative AI (1.43 and later), then our own.

Written out, because the package that holds them keeps them in a module that it calls private; a test holds them
against it.
"""

# ── operations ───────────────────────────────────────────────────────────────────────────────────

INVOKE_WORKFLOW = "invoke_workflow"
"""Work on one packet in one process, until it ends or waits for a person."""
INVOKE_AGENT = "invoke_agent"
"""One page."""
CHAT = "chat"
"""One turn of a model."""
EXECUTE_TOOL = "execute_tool"
"""One call of a tool."""
RETRIEVAL = "retrieval"
"""One look-up of labelled examples."""

# ── attributes of the conventions ────────────────────────────────────────────────────────────────

OPERATION = "gen_ai.operation.name"
CONVERSATION = "gen_ai.conversation.id"
WORKFLOW_NAME = "gen_ai.workflow.name"
AGENT_NAME = "gen_ai.agent.name"
PROVIDER = "gen_ai.provider.name"
REQUEST_MODEL = "gen_ai.request.model"
RESPONSE_MODEL = "gen_ai.response.model"
FINISH_REASONS = "gen_ai.response.finish_reasons"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
TOOL_NAME = "gen_ai.tool.name"
TOOL_TYPE = "gen_ai.tool.type"
DATA_SOURCE = "gen_ai.data_source.id"
ERROR_TYPE = "error.type"

ASKED = {
    CHAT: "gen_ai.input.messages",
    EXECUTE_TOOL: "gen_ai.tool.call.arguments",
    RETRIEVAL: "gen_ai.retrieval.query.text",
}
"""Content that went in, by operation."""
ANSWERED = {
    CHAT: "gen_ai.output.messages",
    EXECUTE_TOOL: "gen_ai.tool.call.result",
    RETRIEVAL: "gen_ai.retrieval.documents",
}
"""Content that came out, by operation."""

# ── attributes of our own ────────────────────────────────────────────────────────────────────────

JOB = "pagetrail.job.id"
TENANT = "pagetrail.tenant"
PAGE = "pagetrail.page"
TURN = "pagetrail.turn"
"""Counted from 1, as in the keys of events."""
TIER = "pagetrail.tier"
"""Place of the model in its cascade, counted from 0."""
EVENT_KEY = "pagetrail.event.key"
"""Key of the event that tells of the same thing in the trail, unique in the job."""
CALL_KEY = "pagetrail.call.key"
"""Key of the call in the journal, and its `Idempotency-Key` at the provider."""
REPLAYED = "pagetrail.call.replayed"
"""True where the journal answered and nothing was called: tokens and cost stand where they were paid."""
COST_USD = "pagetrail.cost_usd"
"""Absent where the price is unknown."""
STATUS = "pagetrail.job.status"
FOUND = "pagetrail.retrieval.found"
"""How many labelled pages came back."""

# ── events ───────────────────────────────────────────────────────────────────────────────────────

RETRY = "retry"
"""An attempt failed and there will be another: error.type, RETRY_NUMBER, RETRY_WAIT_S."""
RETRY_NUMBER = "pagetrail.retry.number"
RETRY_WAIT_S = "pagetrail.retry.wait_s"
