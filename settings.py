"""Every knob, typed, one sentence each. Read only at the doors; rooms below are handed values, never the environment.

Each field is set by `PAGETRAIL_<NAME>` in the environment or in a `.env` file of the working folder (the environment
wins); `.env.example` lists them all. Variables of providers and receivers keep the names their own tools use.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


class Settings(BaseSettings):
    """What a door hands to the rooms below."""

    model_config = SettingsConfigDict(
        env_prefix="PAGETRAIL_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    home: Annotated[Path, AfterValidator(_absolute)] = Field(
        default=Path("~/.pagetrail"),
        validate_default=True,
        description="Folder of the embedded store: jobs, events, blobs, caches and derived indexes.",
    )
    tenant: str = Field(
        default="default", min_length=1, description="Whose jobs and examples the command line works with."
    )
    taxonomy: str = Field(
        default="lending", description="Taxonomy when a command names none: a shipped name or a YAML file."
    )
    model: str = Field(
        default="local", description="Route when a command names none: `local`, `cascade` or `openai:NAME`."
    )

    routes: Path | None = Field(
        default=None, description="A table of routes of your own, in the form of `agent/routes.yaml`."
    )
    cascade_model: str | None = Field(
        default=None, description="Text model of `cascade` instead of the table's, for example `openai:NAME`."
    )
    vision_model: str | None = Field(
        default=None,
        description="Model of `cascade` that sees the page; by default the one of PAGETRAIL_CASCADE_MODEL, else the "
        "table's.",
    )
    model_timeout_s: float = Field(
        default=120.0, gt=0, description="Seconds a model call may take before it counts as failed."
    )

    model_connections: int = Field(
        default=32, ge=1, le=1000, description="Requests one process has under way with one model at the same time."
    )
    model_requests_per_minute: int | None = Field(
        default=None, ge=1, description="Requests one process may send to one model in a minute; unlimited if not set."
    )
    model_tokens_per_minute: int | None = Field(
        default=None,
        ge=1,
        description="Tokens, read and written, one process may use of one model in a minute; unlimited if not set.",
    )
    provider_patience_s: float = Field(
        default=900.0,
        ge=0,
        description="Seconds a command waits for a provider that is away before it ends with exit code 30.",
    )

    page_slots: int | None = Field(
        default=None,
        ge=1,
        le=256,
        description="Pages one process has in hand at the same time; by default one a core, and where a provider is "
        "asked as many as it may be asked about at once, and a few more that are being read.",
    )
    engines: int | None = Field(
        default=None, ge=1, le=64, description="PDF engine processes for one packet; by default one a core."
    )
    turns_per_page: int = Field(
        default=8, ge=1, le=50, description="Turns the agent may take on one page before the page goes to review."
    )
    calls_per_page: int = Field(
        default=6, ge=1, description="Calls of a provider that one page may take before it goes to review."
    )
    tokens_per_page: int = Field(
        default=60_000, ge=1000, description="Tokens that the calls of one page may read and write together."
    )
    job_usd: float | None = Field(
        default=None, ge=0, description="US dollars a job may spend where the command gives no budget."
    )
    job_tokens: int | None = Field(
        default=None, ge=0, description="Tokens a job may spend where the command gives no budget."
    )
    job_seconds: float | None = Field(
        default=None, gt=0, description="Seconds after which a job asks no provider any more."
    )
    tenant_usd_per_day: float | None = Field(
        default=None, ge=0, description="US dollars that all jobs of a tenant may spend within a day (UTC)."
    )
    tenant_tokens_per_day: int | None = Field(
        default=None, ge=0, description="Tokens that all jobs of a tenant may spend within a day."
    )
    tenant_seconds_per_day: float | None = Field(
        default=None, gt=0, description="Seconds of waiting for providers that a tenant's jobs may spend within a day."
    )
    reuse_answers: bool = Field(
        default=True, description="Whether a model's answer to the very same question serves a tenant's later jobs."
    )
    provider_fallback: Literal["wait", "next"] = Field(
        default="wait",
        description="Where a provider is away: `wait` for it, or go on with the `next` model of the route, else with "
        "what the local model found; such pages wait for review.",
    )
    lease_s: float = Field(
        default=60.0, ge=3, description="Seconds without a heartbeat after which another worker may take a task over."
    )

    max_pages: int = Field(default=5000, ge=1, description="Pages above which a packet is rejected.")
    max_packet_mb: int = Field(default=2048, ge=1, description="Megabytes above which a packet is rejected.")
    page_timeout_s: float = Field(
        default=30.0, gt=0, description="Seconds the PDF engine may take for one page before it is stopped."
    )

    openai_api_key: SecretStr | None = Field(
        default=None,
        validation_alias="OPENAI_API_KEY",
        description="Key of the OpenAI-compatible provider; needed only by `cascade` and `openai:NAME`.",
    )
    openai_base_url: str | None = Field(
        default=None,
        validation_alias="OPENAI_BASE_URL",
        description="Address of another provider that speaks the OpenAI protocol.",
    )

    trace_content: bool = Field(
        default=False,
        description="Whether traces carry the words of pages, prompts and replies; they stay here otherwise.",
    )
    otel_exporter_otlp_endpoint: str | None = Field(
        default=None,
        validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT",
        description="Where traces are sent by OpenTelemetry's protocol over HTTP, for example `http://localhost:4318`.",
    )
    langsmith_tracing: bool = Field(
        default=False, validation_alias="LANGSMITH_TRACING", description="Whether traces are sent to LangSmith."
    )
    langsmith_api_key: SecretStr | None = Field(
        default=None, validation_alias="LANGSMITH_API_KEY", description="Key of LangSmith."
    )
    langsmith_endpoint: str | None = Field(
        default=None, validation_alias="LANGSMITH_ENDPOINT", description="Address of a LangSmith of your own."
    )
    langsmith_project: str | None = Field(
        default=None, validation_alias="LANGSMITH_PROJECT", description="Project of LangSmith that traces go into."
    )

    report_thumbnails: int = Field(
        default=400,
        ge=0,
        description="Page pictures put into report.html; in larger packets, doubtful pages and first pages come first.",
    )

    def of_clients(self) -> dict[str, str]:
        """What is set of the variables that keep the names of their own tools, as those tools read them."""
        found = {}
        for name, knob in type(self).model_fields.items():
            value = getattr(self, name)
            if isinstance(knob.validation_alias, str) and value not in (None, False):
                plain = value.get_secret_value() if isinstance(value, SecretStr) else value
                found[knob.validation_alias] = "true" if plain is True else str(plain)
        return found
