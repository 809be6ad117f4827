"""`pagetrail eval` and `pagetrail synth`: how good it is, measured, and data to measure on."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import door

if TYPE_CHECKING:
    from evals.injections import InjectionReport
    from evals.runner import Progress
    from evals.summary import Summary
    from settings import Settings

app = typer.Typer(
    help="Measure answers against labelled packets, gate a change, fit a calibrator.", no_args_is_help=True
)


class Shown(StrEnum):
    """Which examples a packet may see."""

    none = "none"
    others = "others"
    both = "both"


@app.command()
def run(
    dataset: Annotated[
        Path,
        typer.Argument(
            help="Folder with packets/, truth/ and labels.json.", exists=True, file_okay=False, show_default=False
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the run; an unfinished one is continued.  [default: runs/DATASET]"),
    ] = None,
    sample: Annotated[str, typer.Option(metavar="A,B", help="Only these packets.")] = "",
    examples: Annotated[
        Shown,
        typer.Option(
            help="`none`: only what ships. `others`: a packet also sees the pages of all packets that share no source "
            "with it. `both`: one run of each, in OUT/none and OUT/others."
        ),
    ] = Shown.both,
    leave_out: Annotated[str, typer.Option(metavar="A,B", help="Packets that are not run.")] = "",
    keep_out: Annotated[str, typer.Option(metavar="A,B", help="Packets that never serve as examples.")] = "",
    taxonomy: Annotated[str | None, typer.Option(help="A shipped taxonomy or a YAML file.")] = None,
    model: Annotated[str | None, typer.Option(help="local, cascade or openai:NAME.")] = None,
    raw_scores: Annotated[bool, typer.Option(help="Without calibration: the run a calibrator is fitted from.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print summary.json to stdout, and nothing else there.")] = False,
) -> None:
    """Run every packet of a dataset and write what came back beside the truth. Exit 1 where one was not executed."""
    settings = door.read_settings()
    out = out or Path("runs") / dataset.resolve().name
    chosen = (taxonomy or settings.taxonomy, model or settings.model)
    protocols = [Shown.none, Shown.others] if examples is Shown.both else [examples]
    packets = (_names(sample), _names(leave_out), _names(keep_out))
    codes = []
    for protocol in protocols:
        folder = out if len(protocols) == 1 else out / protocol
        summary, code = door.run(_run(settings, dataset, folder, out / "store", packets, protocol, chosen, raw_scores))
        codes.append(code)
        _show(summary, folder, protocol, json)
    raise typer.Exit(max(codes))


def _show(summary: Summary, folder: Path, protocol: Shown, json: bool) -> None:
    if json:
        door.put((folder / "summary.json").read_text(encoding="utf-8"))
        return
    from evals.table import show_summary

    door.put("\nOnly what ships:" if protocol is Shown.none else "\nWith the other packets as examples:")
    show_summary(summary, door.stdout())
    door.put(f"\nfiles  {folder}/{{summary.json,pages.csv,results}}")


@app.command()
def gate(
    run: Annotated[
        Path, typer.Argument(help="Folder of a finished run.", exists=True, file_okay=False, show_default=False)
    ],
    baseline: Annotated[
        Path, typer.Option("--baseline", help="Folder of the run to hold it against.", exists=True, file_okay=False)
    ],
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON, and nothing else on stdout.")] = False,
) -> None:
    """Compare a run with its baseline. Exit 0: no worse than tolerated, 100: worse, 101: cannot be said, 1: error."""
    from evals.doors import eval_gate
    from evals.errors import EvalError
    from evals.table import show_gate

    codes = []
    for new, old in _pairs(run, baseline):
        report, code = eval_gate(new, old)
        codes.append(code)
        if isinstance(report, EvalError):
            door.say(str(report))
        elif json:
            door.put(report.model_dump_json(indent=1))
        else:
            show_gate(report, door.stdout())
    raise typer.Exit(next((code for code in (1, 100, 101) if code in codes), 0))


def _pairs(run: Path, baseline: Path) -> list[tuple[Path, Path]]:
    """Runs to compare: the folders themselves, or their parts where they hold one run for each protocol."""
    parts = [part for part in (Shown.none, Shown.others) if (baseline / part / "summary.json").exists()]
    return [(run / part, baseline / part) for part in parts] or [(run, baseline)]


@app.command()
def calibrate(
    run: Annotated[
        Path,
        typer.Argument(
            help="Folder of a run made with --raw-scores.", exists=True, file_okay=False, show_default=False
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Calibrator file to write.", dir_okay=False, show_default=False)],
    name: Annotated[str | None, typer.Option(help="Name of the calibrator.  [default: the file's stem]")] = None,
    target: Annotated[
        float, typer.Option(min=0.5, max=0.9999, help="Share of automatically accepted pages that must be right.")
    ] = 0.99,
) -> None:
    """Fit a calibrator from a finished run, and the thresholds that keep the target."""
    from evals.calibration import fit_from_run
    from graph.calibrator import save

    calibrator = fit_from_run(run, name=name or out.stem, target=target)
    save(calibrator, out)
    door.put(f"{calibrator.name} for {calibrator.model}: sha256 {calibrator.pin.sha256}")
    for what, threshold in (("label", calibrator.thresholds.label), ("boundary", calibrator.thresholds.boundary)):
        said = (
            "no threshold keeps the target: everything waits for review"
            if threshold is None
            else f"accepted from {threshold:.4f}"
        )
        door.put(f"{what}: {said}")


@app.command()
def injections(
    strings: Annotated[
        Path,
        typer.Argument(
            help='JSON lines: {"id", "label": "attack" or "benign", "text"}.',
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for injections.json.", file_okay=False)],
    most: Annotated[int | None, typer.Option(min=1, help="At most so many attacks, and as many benign ones.")] = None,
    channels: Annotated[str, typer.Option(metavar="A,B", help="Only these places on a page.")] = "",
    model: Annotated[str | None, typer.Option(help="local, cascade or openai:NAME.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print injections.json, and nothing else on stdout.")] = False,
) -> None:
    """Put strings that try to steer a model into pages, ten ways, and count what they reach and what is noticed."""
    from evals.injections import injection_grid
    from evals.table import show_grid

    settings = door.read_settings()
    report = door.run(_injections(settings, strings, out, model or settings.model, most, _names(channels)))
    if json:
        door.put(report.model_dump_json(indent=1))
    else:
        show_grid(injection_grid(report), door.stdout())


async def _injections(
    settings: Settings, strings: Path, out: Path, model: str, most: int | None, channels: list[str]
) -> InjectionReport:
    from contextlib import AsyncExitStack

    from cli.evaluation import page_judge
    from evals.injected import CHANNELS
    from evals.injections import measure
    from store.records import NO_CAP

    if unknown := set(channels) - set(CHANNELS):
        door.fail(f"--channels knows {', '.join(CHANNELS)}, not {', '.join(sorted(unknown))}.")
    door.check_model(model, NO_CAP, settings)
    async with AsyncExitStack() as stack:
        defended = await stack.enter_async_context(page_judge(settings, out / "store", model, keep_hidden=False))
        bare = await stack.enter_async_context(page_judge(settings, out / "store-undefended", model, keep_hidden=True))
        return await measure(
            strings, out, model, {"with": defended, "without": bare},
            most=most, channels=channels or CHANNELS, progress=door.say,
        )  # fmt: skip


def synth(
    out: Annotated[
        Path, typer.Option("--out", help="Folder of the dataset to write.", file_okay=False, show_default=False)
    ],
    packets: Annotated[int, typer.Option(min=1, help="How many packets.")] = 3,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    pages: Annotated[
        str, typer.Option(metavar="MIN-MAX", help="Least and largest number of pages of a packet.")
    ] = "18-30",
    scan_share: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of pages that are images.")] = 0.4,
) -> None:
    """Write labelled packets of invented loan documents, drawn from nothing but a seed."""
    from evals.synth import generate

    written = generate(out, packets=packets, seed=seed, pages=_range(pages), scan_share=scan_share)
    door.put(f"{len(written)} packets in {out}; next: pagetrail eval run {out} --out RUN")


async def _run(
    settings: Settings,
    dataset: Path,
    out: Path,
    home: Path,
    packets: tuple[list[str], list[str], list[str]],
    examples: Shown,
    chosen: tuple[str, str],
    raw_scores: bool,
) -> tuple[Summary, int]:
    from cli.evaluation import under_test
    from evals.doors import eval_run

    taxonomy, model = chosen
    sample, leave_out, keep_out = packets
    async with under_test(settings, home, taxonomy, model, dataset, raw_scores) as (machine, subject):
        return await eval_run(
            dataset,
            out,
            machine,
            subject=subject,
            sample=sample,
            leave_out=leave_out,
            examples="others" if examples is Shown.others else "none",
            keep_out=keep_out,
            progress=_tell,
        )


def _tell(progress: Progress) -> None:
    why = f": {progress.failure.code}, {progress.failure.message}" if progress.failure else ""
    door.say(f"{progress.done}/{progress.total}  {progress.packet}  {progress.outcome}  {progress.seconds:.1f} s{why}")


def _range(given: str) -> tuple[int, int]:
    low, _, high = given.partition("-")
    if not (low.isdecimal() and (high or low).isdecimal() and 1 <= int(low) <= int(high or low)):
        door.fail(f"--pages is MIN-MAX, for example 18-30, not {given!r}.")
    return int(low), int(high or low)


def _names(given: str) -> list[str]:
    return [name.strip() for name in given.split(",") if name.strip()]
