"""Routes: which models are asked about a page, in which order, and when an answer stands; see `routes.yaml`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.limiter import NO_RATE, CallLimits
from agent.models import ModelHandle, UnknownModel, model
from agent.prices import price

PROVIDER = "openai:"


class TierEntry(BaseModel):
    """One row of the table; its fields are described in `routes.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    setting: str | None = None
    accept: Annotated[float, Field(gt=0, le=1)] | Literal["never"] = 1.0
    image: Literal["never", "scans", "always"] = "never"
    image_tokens: int = Field(default=1200, ge=64, le=10_000)
    text_tokens: int = Field(default=4000, ge=100, le=100_000)
    answer: Literal["tool", "json_schema"] = "tool"


class RouteTable(BaseModel):
    """The whole table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    doubt_usd: float = Field(gt=0)
    routes: Mapping[str, Annotated[tuple[TierEntry, ...], Field(min_length=1)]]


@dataclass(frozen=True)
class Tier:
    """One model on a route."""

    model: ModelHandle
    accept: float | None = 1.0
    """Calibrated confidence from which its verdict stands; None: it only reads and looks up for the next one."""
    image: Literal["never", "scans", "always"] = "never"
    image_tokens: int = 1200
    text_tokens: int = 4000
    answer: Literal["tool", "json_schema"] = "tool"


@dataclass(frozen=True)
class Route:
    """The tiers to try on a page, cheap first."""

    tiers: tuple[Tier, ...]
    doubt_usd: float = 0.25
    """What a page costs that a person must look at, in US dollars."""

    @classmethod
    def of(cls, *models: ModelHandle) -> Route:
        """A route over these models; each but the last has to be sure to keep the page."""
        return cls(tuple(Tier(handle, accept=0.8) for handle in models))

    @property
    def sha256(self) -> str:
        """Over everything of the route that can change an answer."""
        told = [
            (
                t.model.name,
                sorted(t.model.parameters.items()),
                t.accept,
                t.image,
                t.image_tokens,
                t.text_tokens,
                t.answer,
            )
            for t in self.tiers
        ]
        return hashlib.sha256(repr((self.doubt_usd, told)).encode()).hexdigest()


RouteFactory = Callable[[str], Route]
"""From the name in the job's options to the route."""


def load_table(path: Path | None = None) -> RouteTable:
    """The shipped table, or one of the user's own. Raise UnknownModel where it cannot be used."""
    try:
        text = (resources.files("agent") / "routes.yaml" if path is None else path).read_text(encoding="utf-8")
        return RouteTable.model_validate(yaml.safe_load(text))
    except OSError as error:
        raise UnknownModel(f"The table of routes {path} cannot be read: {error.strerror}.") from error
    except (ValidationError, yaml.YAMLError) as error:
        raise UnknownModel(f"The table of routes {path or 'routes.yaml'} cannot be used: {_first(error)}") from error


def route(
    name: str,
    table: RouteTable | None = None,
    replaced: Mapping[str, str | None] | None = None,
    timeout_s: float = 120.0,
    limits: CallLimits = NO_RATE,
) -> Route:
    """The route of that name, its models ready to be asked.

    `replaced` gives models by the settings that the table names. Raise UnknownModel for a name or key that is missing.
    """
    table = table or load_table()
    entries = table.routes.get(name) or _pattern(name, table)
    if entries is None:
        known = ", ".join(f"`{known.replace('*', 'NAME')}`" for known in table.routes)
        raise UnknownModel(f"Unknown model {name!r}: use one of {known}.")
    return Route(tuple(_tier(entry, name, replaced or {}, timeout_s, limits) for entry in entries), table.doubt_usd)


def _pattern(name: str, table: RouteTable) -> tuple[TierEntry, ...] | None:
    return table.routes.get(f"{PROVIDER}*") if name.startswith(PROVIDER) and len(name) > len(PROVIDER) else None


def _tier(
    entry: TierEntry, route_name: str, replaced: Mapping[str, str | None], timeout_s: float, limits: CallLimits
) -> Tier:
    named = (entry.setting and replaced.get(entry.setting)) or entry.model
    handle = model(route_name if named == f"{PROVIDER}*" else named, timeout_s, limits)
    return Tier(
        model=handle,
        accept=None if entry.accept == "never" else entry.accept,
        image=entry.image,
        image_tokens=entry.image_tokens,
        text_tokens=entry.text_tokens,
        answer=entry.answer,
    )


def _first(error: Exception) -> Any:
    if isinstance(error, ValidationError):
        problem = error.errors()[0]
        return f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
    return error


def must_be_priced(route: Route) -> None:
    """Raise UnknownModel where a budget in dollars could not be kept, because a model's price is not known."""
    for tier in route.tiers:
        if not tier.model.free and price(tier.model.provider_model, 1, 1) is None:
            raise UnknownModel(
                f"The price of {tier.model.name} is not known, so a budget in dollars cannot be kept: "
                "give one in tokens, or none."
            )
