"""What may be said: labels, cues and rules as versioned data. Knows no other room."""

from taxonomy.cues import CueMatcher
from taxonomy.errors import Problem, TaxonomyError
from taxonomy.examples import ShippedExample, shipped_examples
from taxonomy.lint import LintWarning, lint
from taxonomy.load import load, read, shipped
from taxonomy.rules import RuleOutcome, document_facts, evaluate, packet_facts, page_facts
from taxonomy.schema import json_schema
from taxonomy.show import TaxonomyDiff, diff, show
from taxonomy.types import (
    Cue,
    CueHit,
    CueKind,
    CueReport,
    Label,
    LabelCues,
    PageLimits,
    Rule,
    Taxonomy,
)

__all__ = [
    "Cue",
    "CueHit",
    "CueKind",
    "CueMatcher",
    "CueReport",
    "Label",
    "LabelCues",
    "LintWarning",
    "PageLimits",
    "Problem",
    "Rule",
    "RuleOutcome",
    "ShippedExample",
    "Taxonomy",
    "TaxonomyDiff",
    "TaxonomyError",
    "diff",
    "document_facts",
    "evaluate",
    "json_schema",
    "lint",
    "load",
    "packet_facts",
    "page_facts",
    "read",
    "shipped",
    "shipped_examples",
    "show",
]
