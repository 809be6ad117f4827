"""Every noun that is written down or sent over a wire, frozen.

Pages count from 1. Boxes are `(x0, y0, x1, y1)`, fractions of page width and height, origin top left.
Scores and confidences lie in 0..1; `None` means *not scored*, never zero.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Box = tuple[float, float, float, float]
Json = dict[str, Any]
Score = Annotated[float, Field(ge=0.0, le=1.0)]


def now() -> datetime:
    """The present moment in UTC, cut to milliseconds as every record stores it."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class Record(BaseModel):
    """Base of all records: frozen, and an unknown field is an error rather than a silent loss."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# ── what a page holds ────────────────────────────────────────────────────────────────────────────


class Word(Record):
    """One word and where it stands."""

    text: str
    box: Box
    confidence: Score | None = None
    """Of the OCR engine; None for a word of the text layer."""


HiddenWhy = Literal[
    "invisible",
    "same_colour",
    "covered",
    "tiny",
    "off_page",
    "hidden_field",
    "not_drawn_characters",
    "not_in_picture",
]


class HiddenText(Record):
    """Words of a page's file that a person does not see on the page."""

    why: HiddenWhy
    """`invisible`: drawn without ink over nothing. `same_colour`: in the colour of what is behind. `covered`: something
    lies over them. `tiny`: under 3 points. `hidden_field`: in a form field that does not show it.
    `not_drawn_characters`: spelled in tag characters, variation selectors, zero-width runs or overrides.
    `not_in_picture`: drawn without ink over a picture in which OCR reads something else."""
    words: int
    text: str
    """The first 500 characters, for reviewers; no model is shown them."""
    boxes: tuple[Box, ...] = ()
    """Of the first 20 words, where they have a place on the page."""


class Suspicion(Record):
    """A sign that a page tries to say something to a program that it does not say to people."""

    kind: HiddenWhy | Literal["instructions"]
    """Why words are hidden; or `instructions`, where words read as if they were meant for a model."""
    quote: str
    """The words, at most 120 characters."""
    score: Score
    """How much it weighs; from 0.5 on the page goes to a person."""
    where: Literal["text", "hidden", "comment", "form_field"] = "hidden"


class PageText(Record):
    """The words of one page in reading order, from its text layer or from OCR."""

    page: int
    source: Literal["text_layer", "ocr"]
    engine: str
    """Name and version of what read it, for example `pdfium 150.0.7869` or `tesseract 5.5.2`."""
    text: str
    """Plain text with line breaks; every word of `words` occurs in it in order."""
    words: tuple[Word, ...] = ()
    rotation: Literal[0, 90, 180, 270] = 0
    """Degrees clockwise that OCR turned the rendered page by to read it upright; boxes are of the unturned page."""
    mean_confidence: Score | None = None
    """Mean over words; None for a text layer."""
    unconfirmed: tuple[int, ...] = ()
    """Indices of the `words` that nobody sees where a picture shows something: the OCR layer of a scan, or a lie."""
    filled_in: tuple[str, ...] = ()
    """Values of form fields; each is a line of `text` too."""
    hidden: tuple[HiddenText, ...] = ()
    """What a person does not see; not part of `text` and `words`."""
    comments: tuple[str, ...] = ()
    """What annotations say, each cut to 2,000 characters; not part of `text` and `words`."""
    suspicious: tuple[Suspicion, ...] = ()
    """What speaks for an attempt to steer a model."""


class PageLook(Record):
    """What a page looks like before anybody reads it; cheap, and evidence for boundaries."""

    page: int
    width_pt: float
    height_pt: float
    rotation: int
    """The page's own /Rotate, degrees clockwise."""
    layer_words: int
    """Words in the text layer."""
    image_coverage: Score
    """Share of the page area that images cover."""
    fonts: tuple[str, ...] = ()
    """Base font names without subset prefixes, sorted."""
    image_dpi: float | None = None
    """Resolution of the largest image; None where the page has no image."""
    has_form_fields: bool = False
    ink: Score | None = None
    """Share of dark pixels in a small rendering; None where rendering failed. Under 0.001 the page is blank."""


class Evidence(Record):
    """Words quoted from the page as the reason for a verdict, found on that page."""

    quote: str
    boxes: tuple[Box, ...] = ()


class LabelScore(Record):
    """One candidate label and the share of belief in it."""

    label: str
    score: Score


class StartScore(Record):
    """Whether the page begins a document, judged from this page alone."""

    score: Score | None
    why: str


class PrintedNumber(Record):
    """The page number printed on the page: `3 of 5` is number 3, of 5."""

    number: int
    of: int | None = None


class IdentityKey(Record):
    """Something that names whom or what a document is about: an account, a form number, a period."""

    kind: str
    value: str


class PageVerdict(Record):
    """What the page graph says of one page. Ranked is empty where the page could not be judged."""

    page: int
    ranked: tuple[LabelScore, ...] = ()
    """Candidates by falling score; the scores sum to at most 1."""
    start: StartScore
    printed: PrintedNumber | None = None
    identity: tuple[IdentityKey, ...] = ()
    running: tuple[str, ...] = ()
    """Header and footer lines, for comparing with the neighbours."""
    evidence: tuple[Evidence, ...] = ()
    rationale: str = ""
    review_reasons: tuple[str, ...] = ()
    """Codes that force review of the page whatever its confidence, for example `page_unreadable`."""
    decided_by: str
    """The model that gave the verdict, for example `local`; `none` where no model could."""
    look: PageLook | None = None
    text_ref: str | None = None
    """Blob of the PageText the verdict rests on."""


# ── what is decided about a packet ───────────────────────────────────────────────────────────────


class PageDecision(Record):
    """One row of `pages` in result.json."""

    page: int
    label: str | None
    """None where no label can be given; the page then waits for review."""
    confidence: Score | None
    alternatives: tuple[LabelScore, ...] = ()
    starts_document: bool
    start_confidence: Score | None
    needs_review: bool
    review_reasons: tuple[str, ...] = ()
    rationale: str = ""
    evidence: tuple[Evidence, ...] = ()


class DocumentDecision(Record):
    """One row of `documents` in result.json."""

    index: int
    label: str | None
    pages: tuple[int, ...]
    confidence: Score | None
    needs_review: bool
    rationale: str
    file: str | None = None
    """Path below the output folder; None until the document is written."""


class Finding(Record):
    """The outcome of one taxonomy rule."""

    rule: str
    on: Literal["packet", "document", "page"]
    severity: Literal["info", "warning", "error"]
    status: Literal["pass", "fail", "unknown"]
    message: str
    pages: tuple[int, ...] = ()


class Assembled(Record):
    """A packet put together: every page in exactly one document."""

    pages: tuple[PageDecision, ...]
    documents: tuple[DocumentDecision, ...]
    findings: tuple[Finding, ...] = ()


class Usage(Record):
    """What a job has spent. `cost_usd` is None where a model's price is unknown."""

    model_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0
    cached_calls: int = 0
    """Calls that an earlier job of the tenant had answered already, word for word the same."""
    lost_calls: int = 0
    """Calls that were begun and left no answer, by a crash: a provider may have charged for them."""
    wall_s: float = 0.0


class Budget(Record):
    """What may be spent, checked before a model is called. None: no cap."""

    usd: float | None = Field(default=None, ge=0)
    tokens: int | None = Field(default=None, ge=0)
    """Read and written together."""
    seconds: float | None = Field(default=None, gt=0)
    """Of a job: since it began or was given this budget. Of a tenant: spent waiting for models, within a day."""


NO_CAP = Budget()
"""A budget that ends nothing."""
BUDGET_REACHED = "budget_reached"
"""Review reason of a page that a model would have been asked about, had the budget lasted."""


class Failure(Record):
    """Why a job or a page ended without an answer, and what to do next."""

    code: str
    message: str
    advice: str


class TaxonomyPin(Record):
    name: str
    version: int
    sha256: str


class CalibratorPin(Record):
    name: str
    sha256: str


class ExamplesPin(Record):
    """The state of the example log that the run retrieves from."""

    sequence: int
    count: int


class RunManifest(Record):
    """Everything a run's answers depend on, pinned at admission. A missing pin fails, it does not fall back."""

    taxonomy: TaxonomyPin
    model: str
    prompts: dict[str, str]
    """Prompt name to sha256."""
    route: str | None = None
    """SHA-256 of the route's tiers; None in manifests of before there were routes."""
    calibrator: CalibratorPin | None
    """None where no calibrator fits this model and taxonomy: every confidence is then null."""
    calibrators: dict[str, CalibratorPin] = {}
    """Of the models within a route, by name."""
    examples: ExamplesPin
    engines: dict[str, str]
    """Reader, renderer and OCR engines with their versions."""
    code_version: str
    packet_sha256: str


class TierShare(Record):
    """What one model of the route did in a run."""

    model: str
    pages: int
    """Pages whose verdict is its own."""
    usage: Usage = Usage()


ResultStatus = Literal["completed", "needs_review", "rejected", "failed"]


class Result(Record):
    """`result.json`."""

    packet: str
    job_id: str
    status: ResultStatus
    manifest: RunManifest | None
    pages: tuple[PageDecision, ...] = ()
    documents: tuple[DocumentDecision, ...] = ()
    findings: tuple[Finding, ...] = ()
    usage: Usage = Usage()
    tiers: tuple[TierShare, ...] = ()
    partial: Failure | None = None
    """Set where a budget ended before the pages did: what is missing, and how to go on."""
    error: Failure | None = None


# ── jobs, tasks, calls ───────────────────────────────────────────────────────────────────────────

JobStatus = Literal["queued", "running", "waiting_review", "completed", "rejected", "failed", "cancelled"]
TERMINAL: frozenset[str] = frozenset({"completed", "rejected", "failed", "cancelled"})


class JobOptions(Record):
    """What the submitter asked for."""

    taxonomy: str = "lending"
    """Name of a shipped taxonomy, or a path to a YAML file."""
    model: str = "local"
    """`local`, `cascade` or `openai:NAME`."""
    examples: str | None = None
    """Example set to retrieve from beside the tenant's own and the shipped one."""


class Job(Record):
    """One packet on its way."""

    id: str
    tenant: str = "default"
    packet: str
    """Stem of the file name."""
    blob: str
    """Blob of the PDF."""
    options: JobOptions = JobOptions()
    status: JobStatus = "queued"
    page_count: int | None = None
    manifest: RunManifest | None = None
    error: Failure | None = None
    budget: Budget = NO_CAP
    created_at: datetime
    updated_at: datetime


TaskKind = Literal["packet", "page"]


class Task(Record):
    """One unit of work a worker may claim. Delivered at least once."""

    job_id: str
    kind: TaskKind
    page: int
    """0 for the packet task."""
    attempts: int = 0
    """How often it was claimed, this time included."""
    fence: int = 0
    """Fencing token of the present lease; a newer claim has a larger one."""
    round: int = 0
    """How often the page was taken up again after its verdict, because its budget was raised."""


class CallIntent(Record):
    """A model call that is about to be made."""

    key: str
    """Hash over job, page, turn, model, parameters, prompt and tool schemas."""
    content_key: str | None = None
    """The same without job, page and turn: equal questions have it in common. None: never answered by another call."""
    job_id: str
    page: int
    turn: int
    model: str
    tokens: int = 0
    """Estimate, reserved while the call is in flight."""
    usd: float | None = 0.0
    """Estimate; None where the model's price is unknown."""
    timeout_s: float = 600.0
    """After so long without an answer nothing is reserved for it any more."""


class CallRecord(Record):
    """One model call: its intent is written before the call, its response before it re-enters the graph."""

    key: str
    """Hash over job, page, turn, model, parameters, prompt and tool schemas."""
    job_id: str
    page: int
    turn: int
    model: str
    attempts: int
    """How often the call was begun. More than one means an earlier attempt left no response."""
    lost: int = 0
    """Attempts that ended without a word, by a crash; the others were seen to fail."""
    response: Json | None = None
    """None while the call is in flight or was lost."""
    usage: Usage = Usage()


# ── trail ────────────────────────────────────────────────────────────────────────────────────────


class EventDraft(Record):
    """An event before the log gives it its place. `key` makes a replayed append harmless."""

    key: str
    """Unique within the job, for example `page:7:turn:2:call:0`. Not part of the trail."""
    type: str
    """Past tense, `noun.verb`."""
    actor: str
    """worker, agent, policy, rules or reviewer:ID."""
    page: int | None = None
    tool: str | None = None
    arguments: Json | None = None
    rationale: str | None = None
    observation: Json | None = None
    model: str | None = None
    prompt: str | None = None
    usage: Usage | None = None
    duration_ms: int | None = None
    data: Json | None = None
    """What else the type carries: a label, a boundary, an error."""


class Event(Record):
    """One line of `audit.jsonl`: hash = SHA-256 over the RFC 8785 form of the other fields, `prev` included."""

    seq: int
    job_id: str
    page: int | None
    type: str
    at: datetime
    actor: str
    tool: str | None
    arguments: Json | None
    rationale: str | None
    observation: Json | None
    model: str | None
    prompt: str | None
    usage: Usage | None
    duration_ms: int | None
    data: Json | None = None
    """What else the type carries; a line of `audit.jsonl` has it only where it is not None."""
    prev: str
    hash: str


# ── examples and reviews ─────────────────────────────────────────────────────────────────────────


class Example(Record):
    """One labelled page to retrieve from. The example log is the truth, the vector index is derived."""

    id: str
    """Hash of label, text and provenance: adding the same example twice changes nothing."""
    label: str
    text: str
    starts_document: bool | None
    """None where the source does not tell."""
    packet: str | None = None
    page: int | None = None
    source: str = ""
    """Where it comes from, for people and for leave-out protocols."""
    look: tuple[float, ...] | None = None
    """Descriptor of the page image; None where there is no image."""


class ExampleChange(Record):
    """One entry of the example log, by which an index catches up."""

    seq: int
    op: Literal["add", "delete"]
    example_id: str
    example: Example | None
    """None for a delete."""


class ReviewItem(Record):
    """One doubt that waits for a person."""

    id: str
    job_id: str
    kind: Literal["page", "boundary"]
    page: int
    reasons: tuple[str, ...]
    proposed: Json
    """What the machine would have said: label and confidence, or the boundary."""


class ReviewDecision(Record):
    """What a person said. `label` for a page, `starts_document` for a boundary; the other stays None."""

    job_id: str
    page: int
    reviewer: str
    label: str | None = None
    starts_document: bool | None = None
    reason: str
    decided_at: datetime
