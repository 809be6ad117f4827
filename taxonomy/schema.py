"""The YAML form of a taxonomy, one sentence a field; `docs/taxonomy.md` shows it whole."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

BARE_WEIGHT = 1.5
"""Weight, in log-odds, of a cue that is written as bare words."""

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Weight = Annotated[float, Field(gt=0.0, le=12.0)]
Expression = Annotated[str, Field(min_length=1, max_length=1000)]


class _Part(BaseModel):
    # Strict: a bare 1040 in the file is a number, and whoever wrote it meant the words "1040".
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class CuePart(_Part):
    """One cue with a weight of its own: either `text` or `regex`."""

    text: str | None = Field(
        None, min_length=2, max_length=300, description="Literal words; under `pattern` a regular expression."
    )
    regex: str | None = Field(
        None, min_length=2, max_length=500, description="A regular expression in place of literal words."
    )
    weight: Weight = Field(
        BARE_WEIGHT, description="Log-odds the cue adds (a negative cue subtracts): 1 hints, 3 is strong, 6 decides."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> CuePart:
        if (self.text is None) == (self.regex is None):
            raise ValueError("a cue has either `text` or `regex`")
        return self


def _cue_form(value: Any) -> str:
    return "weighted" if isinstance(value, dict | CuePart) else "bare"


BareCue = Annotated[str, Field(min_length=2, max_length=300, description="Literal words, with the weight 1.5.")]
CueItem = Annotated[Annotated[BareCue, Tag("bare")] | Annotated[CuePart, Tag("weighted")], Discriminator(_cue_form)]
CueItems = Annotated[tuple[CueItem, ...], Field(strict=False)]


class CuesPart(_Part):
    """The cues of one label, by kind. Literal words match whole words, whatever their case, quotes and line breaks."""

    title: CueItems = Field(
        default=(), description="Names the document gives itself; count only in the first lines of a page."
    )
    phrase: CueItems = Field(default=(), description="Words that speak for the label anywhere on the page.")
    pattern: CueItems = Field(
        default=(), description="Regular expressions that speak for the label anywhere on the page."
    )
    first_page: CueItems = Field(default=(), description="Words that say a document of this label begins on the page.")
    continuation: CueItems = Field(
        default=(), description="Words that say the page goes on with a document begun before."
    )
    negative: CueItems = Field(default=(), description="Words that speak against the label.")


class PagesPart(_Part):
    """How long documents of a label are."""

    typical: int = Field(ge=1, le=3000, description="The usual number of pages.")
    max: int = Field(ge=1, le=3000, description="More pages than this are not one document.")


class LabelPart(_Part):
    """One kind of document."""

    code: Code = Field(description="What results, truth files and rules call it: lower case, digits, underscores.")
    name: str = Field(min_length=2, max_length=120, description="What people call it.")
    group: Code = Field(description="A key of `groups`.")
    description: str = Field(
        min_length=1, max_length=2000, description="What it is, how it differs from its neighbours; models read it."
    )
    pages: PagesPart = Field(description="How long documents of this label are.")
    identity: Annotated[tuple[Code, ...], Field(strict=False)] = Field(
        (), description="What tells two documents of this label apart: keys of `identity_patterns`."
    )
    prior: float = Field(
        0.0, ge=-20.0, le=20.0, description="Log-odds before anything is read; below 0 for a catch-all."
    )
    contains: Annotated[tuple[Code, ...], Field(strict=False)] = Field(
        (), description="Labels whose pages such a document may carry inside it, as a tax return its schedules."
    )
    cues: CuesPart = Field(default_factory=CuesPart, description="What on a page speaks for or against the label.")


class RulePart(_Part):
    """A condition over a page, a document or the packet; where it is false, the packet has a finding."""

    id: Code = Field(description="What findings call it.")
    on: Literal["packet", "document", "page"] = Field(description="What it looks at, and so which facts it may name.")
    severity: Literal["info", "warning", "error"] = Field(description="How bad it is when the rule fails.")
    when: Expression | None = Field(None, description="CEL: the rule applies only where this is true; absent: always.")
    require: Expression = Field(description="CEL: must be true; a fact that is missing makes the outcome `unknown`.")
    message: str = Field(min_length=3, max_length=500, description="What a reviewer reads when the rule fails.")


class TaxonomyPart(_Part):
    """A taxonomy: what may be said of the pages of a packet."""

    name: Code = Field(description="Name of the taxonomy.")
    version: int = Field(ge=1, description="Rises with every change that could change an answer.")
    description: str = Field(min_length=1, max_length=2000, description="What kind of packets it is for.")
    groups: dict[Code, Annotated[str, Field(min_length=2, max_length=120)]] = Field(
        description="Group code to the name people read."
    )
    identity_patterns: dict[Code, Annotated[tuple[str, ...], Field(strict=False, min_length=1)]] = Field(
        default_factory=dict,
        description="Kind of identity key to regular expressions, each with one capturing group around the value.",
    )
    labels: Annotated[tuple[LabelPart, ...], Field(strict=False, min_length=1)] = Field(
        description="The labels, in the order people read them."
    )
    rules: Annotated[tuple[RulePart, ...], Field(strict=False)] = Field((), description="Conditions on what was found.")


def json_schema() -> dict[str, Any]:
    """The YAML form as JSON Schema (2020-12), for editors and for checking files without this program."""
    schema = TaxonomyPart.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
