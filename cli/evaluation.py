"""The machine under test, wired as in production: what `eval run` calls for each packet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cli import door
from store.records import Example, JobOptions, PageVerdict, Result

if TYPE_CHECKING:
    from evals.dataset import Packet
    from evals.injections import Judge
    from evals.summary import Subject
    from graph.runtime import Runtime
    from settings import Settings
    from taxonomy import Taxonomy


@dataclass
class UnderTest:
    """Implements `evals.runner.Classify` on a runtime; each packet sees only the examples it may see."""

    runtime: Runtime
    options: JobOptions
    taxonomy: Taxonomy
    dataset: Path
    _examples: dict[str, list[Example]] = field(default_factory=dict)
    """Labelled pages by packet, read once."""

    async def __call__(self, pdf: Path, example_packets: Sequence[Packet]) -> Result:
        options = self.options.model_copy(update={"examples": await self._set(pdf.stem, example_packets)})
        job = await self.runtime.submit(pdf, options)
        try:
            return await self.runtime.work(job.id)
        finally:
            await self.runtime.close_job(job.id)

    async def _set(self, packet: str, example_packets: Sequence[Packet]) -> str | None:
        """The name of the set with these packets' pages; None where there are none to show."""
        if not example_packets:
            return None
        await self._read([other.name for other in example_packets])
        name = f"eval-{packet}"
        wanted = [example for other in example_packets for example in self._examples[other.name]]
        present = {example.id for example in await self.runtime.store.examples.all(name)}
        gone = present - {example.id for example in wanted}
        await self.runtime.store.examples.delete(sorted(gone), name)
        await self.runtime.store.examples.add(wanted, name)
        return name

    async def _read(self, packets: Sequence[str]) -> None:
        from cli.labelled import read_folder

        missing = [name for name in packets if name not in self._examples]
        if not missing:
            return
        self._examples |= {name: [] for name in missing}
        found = await read_folder(self.dataset, self.runtime.store, self.taxonomy, only=missing)
        for example in found.examples:
            self._examples[example.packet or ""].append(example)


@asynccontextmanager
async def under_test(
    settings: Settings, home: Path, taxonomy: str, model: str, dataset: Path, raw_scores: bool
) -> AsyncIterator[tuple[UnderTest, Subject]]:
    """The machine with a store of its own below `home`, and what the manifest of the run says of it.

    `raw_scores` runs without calibration, for fitting a calibrator from the run.
    """
    from evals.summary import Subject
    from graph.calibrator import raw
    from graph.opening import code_version, shipped_calibrator
    from store.records import NO_CAP, TaxonomyPin
    from taxonomy import load

    known = load(taxonomy)
    pin = TaxonomyPin(name=known.name, version=known.version, sha256=known.sha256)
    calibrator = raw(model, pin) if raw_scores else shipped_calibrator(model, pin)
    subject = Subject(
        code_version=code_version(),
        taxonomy=pin,
        model=model,
        calibrator=None if calibrator is None else calibrator.pin,
    )
    asks = door.check_model(model, NO_CAP, settings)
    # A store of its own, so that no job or example of daily work meets the run; the page cache is shared.
    own = settings.model_copy(update={"home": home})
    async with door.runtime_of(own, calibrator, settings.home, asks) as runtime:
        yield UnderTest(runtime, JobOptions(taxonomy=taxonomy, model=model), known, dataset), subject


@asynccontextmanager
async def page_judge(settings: Settings, home: Path, model: str, keep_hidden: bool) -> AsyncIterator[Judge]:
    """Verdicts of a packet's pages, from a store of its own below `home`."""
    async with door.runtime_of(settings.model_copy(update={"home": home}), keep_hidden=keep_hidden) as runtime:

        async def judge(pdf: Path) -> Sequence[PageVerdict]:
            job = await runtime.submit(pdf, JobOptions(taxonomy=settings.taxonomy, model=model))
            try:
                await runtime.work(job.id)
                return sorted(await runtime.store.jobs.verdicts(job.id), key=lambda verdict: verdict.page)
            finally:
                await runtime.close_job(job.id)

        yield judge
