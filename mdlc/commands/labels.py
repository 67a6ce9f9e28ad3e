"""mdlc labels: what a labeling job will ask of people, and labels out of what they answered."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from labels import adjustment, quality_of_job, steering
from labels import quality as quality_of
from labels.adjustment import AdjustmentError
from labels.answers import Form
from labels.consolidation.classes import UnknownClassError
from labels.job import JobError, Labels, Purpose
from labels.job import consolidate as consolidate_job
from labels.objects import DataObject, LineError, split
from labels.objects import read as read_objects
from labels.request import Request
from labels.request import read as read_request
from labels.service_model import RequestError
from labels.task_types import CUSTOM, TaskType, of_template
from labels.tree import TreeError, load, read_manifest
from mdlc.commands import label_jobs
from mdlc.commands.files import read_classes, write_lines
from mdlc.commands.options import Json, LabelAttribute, finite
from mdlc.errors import CommandError, InputError
from mdlc.output import Output, table
from mdlc.report import labels as report

app = typer.Typer(name="labels", help="Labels that people gave.", no_args_is_help=True)
label_jobs.add_to(app)

JobFolder = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER",
        exists=True,
        file_okay=False,
        help="A Ground Truth job's folder below its S3OutputPath, copied.",
    ),
]
Lines = Annotated[
    Path | None,
    typer.Option(
        "--manifest",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="The job's objects; default: its own output manifest.",
    ),
]
Categories = Annotated[
    Path | None,
    typer.Option(
        "--categories",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="The job's label category file: its order gives classes their numbers.",
    ),
]
SHOWN = 10
"""How many lines without a label are shown with their reasons; --json has all."""


@app.callback()
def _group() -> None:
    """Labels that people gave."""


@app.command("consolidate")
def consolidate(  # noqa: PLR0913 - an option each
    folder: JobFolder,
    attribute: LabelAttribute,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where the new manifest goes.")],
    lines: Lines = None,
    categories: Categories = None,
    *,
    verifies: Annotated[
        str, typer.Option(metavar="ATTRIBUTE", help="Of a verification job: the attribute whose labels people judged.")
    ] = "",
    adjusts: Annotated[
        str,
        typer.Option(metavar="ATTRIBUTE", help="Of an adjustment job: the attribute whose labels people corrected."),
    ] = "",
    as_json: Json = False,
) -> None:
    """Make one label out of all answers about each object, by how reliable each person is, and write a manifest.

    For classes, several classes, boxes, polygons, lines, key points, spans of text and ranks; forms are handed on as
    people gave them. Objects without a label have the reason in the manifest, and the exit code stays 0.
    """
    output = Output(as_json)
    try:
        tree = load(folder, lines)
        purpose = Purpose(verifies, adjusts)
        labels = consolidate_job(tree, attribute, read_classes(categories), purpose, when=datetime.now(UTC))
    except (TreeError, JobError) as error:
        raise InputError(str(error)) from error
    write_lines(out, labels.lines)
    before = [line.get(attribute) for line in tree.lines]
    _show(output, labels, attribute, before, out)


@app.command("quality")
def quality(  # noqa: PLR0913 - an option each
    folder: JobFolder,
    lines: Lines = None,
    categories: Categories = None,
    *,
    known: Annotated[
        Path | None,
        typer.Option(
            "--known",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="A manifest of objects whose label is known, under --attribute.",
        ),
    ] = None,
    attribute: Annotated[str, typer.Option("--attribute", "-a", help="The label attribute of --known.")] = "",
    rate: Annotated[
        float | None, typer.Option("--rate", min=0, callback=finite, help="What an hour of a person's work costs, USD.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--output", metavar="FOLDER", help="Where to; without it, build/report/labels/JOB.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say how good the answers of a job are, per person and per class, and write a page about it.

    For classes and for all that people mark. Who answers as if they guessed is named, with the reason.
    """
    output = Output(as_json)
    try:
        tree = load(folder, lines)
        names = {str(number): _name(line) for number, line in enumerate(tree.lines)}
        gold = _read_known(known, attribute, names) if known else {}
        found = quality_of_job.of(tree, read_classes(categories), gold, attribute)
    except (TreeError, JobError, UnknownClassError) as error:
        raise InputError(str(error)) from error
    cost = None if rate is None else quality_of.cost_of_a_correct_label(found, usd_an_hour=rate)
    try:
        page = report.write(tree.job, found, names, cost, out or Path("build/report/labels") / tree.job)
    except OSError as error:
        raise InputError(f"The report cannot be written: {error}.") from error
    output.result({"report": str(page), **report.summary(tree.job, found, names, cost)}, f"The report is {page}.")
    if not as_json:
        _show_quality(output, found)


def _name(line: Mapping[str, Any]) -> str:
    return str(line.get("source-ref", line.get("source")))


def _read_known(file: Path, attribute: str, names: Mapping[str, str]) -> dict[int, Mapping[str, Any]]:
    """Return the lines of objects of the job whose label is known, by number of the job's line."""
    if not attribute:
        raise InputError("Say under which attribute the known labels are: --attribute.")
    lines = {}
    for number, line in enumerate(read_manifest(file), 1):
        if f"{attribute}-metadata" not in line:
            raise InputError(f"{file}, line {number} has no label {attribute!r}.")
        lines[_name(line)] = line
    if not lines.keys() & set(names.values()):
        raise InputError(f"No object of {file} is one of the job: both name them by source or source-ref.")
    return {int(number): lines[name] for number, name in names.items() if name in lines}


def _show_quality(output: Output, found: quality_of.Quality) -> None:
    said = [f"Agreement ({report.agreement(found)}); labels that are right: {found.accuracy:.1%}."]
    said += [f"{each.worker} is to be paused: {each.paused}" for each in found.people if each.paused]
    output.result({}, "\n".join(said))
    output.result(
        {},
        table(
            ["person", "answers", "right", "known", "seconds"],
            [
                [
                    each.worker,
                    str(each.answers),
                    f"{each.accuracy:.0%}",
                    f"{each.gold.right} of {each.gold.of}" if each.gold.of else "",
                    "" if each.seconds is None else f"{each.seconds:.1f}",
                ]
                for each in found.people
            ],
        ),
    )
    output.result(
        {},
        table(
            ["class", "objects", "found", "trusted"],
            [[each.name, str(each.objects), f"{each.found:.0%}", f"{each.trusted:.0%}"] for each in found.classes],
        ),
    )


@app.command("check")
def check(
    request: Annotated[
        Path,
        typer.Argument(metavar="REQUEST", exists=True, dir_okay=False, help="The body of CreateLabelingJob, as JSON."),
    ],
    lines: Annotated[
        Path | None,
        typer.Option("--manifest", metavar="FILE", exists=True, dir_okay=False, help="Its input manifest, copied."),
    ] = None,
    categories: Annotated[
        Path | None,
        typer.Option("--categories", metavar="FILE", exists=True, dir_okay=False, help="Its label category file."),
    ] = None,
    template: Annotated[
        Path | None,
        typer.Option("--template", metavar="FILE", exists=True, dir_okay=False, help="Its worker task template."),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Say what a labeling job will ask of whom, or in a sentence each why it or lines of its manifest are refused.

    Needs no account. The exit code is 2 for a request that is refused, and 1 where lines are.
    """
    output = Output(as_json)
    try:
        job = read_request(json.loads(request.read_text(encoding="utf-8")))
    except RequestError as error:
        raise InputError(f"{request}: {error}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{request} is no JSON: {error}.") from error
    kind = job.task or (of_template(template.read_text(encoding="utf-8")) if template else CUSTOM)
    shown = _attribute_shown(job, template)
    _check_steering(job, kind if job.task or template else None, request)
    found = list(read_objects(split(lines.read_text(encoding="utf-8")), kind.source)) if lines else []
    refused = [fault for number, each in enumerate(found, 1) if (fault := _fault(each, number, shown))]
    classes = read_classes(categories, kind.kind)
    count = len(found) - len(refused)
    said = [f"{job.job} asks {job.workers} of {job.team} about each object: {kind.name}, {job.title!r}."]
    if shown:
        said.append(f"People are shown the labels {shown!r} of a job before.")
    if job.streaming:
        said.append(f"Objects come by {job.streaming.objects}, until nobody sends any or the job is stopped.")
    if job.streaming and job.streaming.labels:
        said.append(f"Labels leave by {job.streaming.labels}.")
    if classes:
        said.append(f"The classes are {', '.join(classes)}.")
    if lines:
        said.append(f"{count} objects, {count * job.workers} answers.")
    said += refused[:SHOWN]
    if len(refused) > SHOWN:
        said.append(f"… and {len(refused) - SHOWN} more lines that are no objects; --json has all.")
    output.result(
        {
            "job": job.job,
            "type": kind.name,
            "team": job.team,
            "workers": job.workers,
            "classes": list(classes),
            "shows": shown or None,
            "topics": [each for each in (job.streaming.objects, job.streaming.labels) if each] if job.streaming else [],
            "objects": count,
            "answers": count * job.workers,
            "refused": refused,
        },
        "\n".join(said),
    )
    if refused:
        raise typer.Exit(CommandError.exit_code)


def _check_steering(job: Request, kind: TaskType | None, request: Path) -> None:
    """Refuse tags that people cannot be asked by; `kind` is None where nobody knows the type of task yet."""
    try:
        way = steering.steering(job)
        if kind:
            steering.check(way, kind, job)
    except RequestError as error:
        raise InputError(f"{request}: {error}") from error


def _attribute_shown(job: Request, template: Path | None) -> str:
    """Return the attribute whose labels the template shows people; empty where it shows none, or is not given."""
    if template is None:
        return ""
    try:
        purpose = adjustment.purpose_of(job, template.read_text(encoding="utf-8"))
    except AdjustmentError as error:
        raise InputError(f"{template}: {error}") from error
    return purpose.adjusts or purpose.verifies


def _fault(found: DataObject | LineError, number: int, shown: str) -> str:
    """Return why a line is no object that people can be asked about; empty where it is one."""
    if isinstance(found, LineError):
        return str(found)
    what = adjustment.missing(found.value, shown) if shown else ""
    return f"Line {number} has {what}" if what else ""


def _show(output: Output, labels: Labels, attribute: str, before: Sequence[Any], out: Path) -> None:
    failed = [{"line": number + 1, "reason": reason} for number, reason in sorted(labels.failed.items())]
    workers = sorted(labels.workers.items(), key=lambda each: (each[1].accuracy, each[0]))
    had = [(old, line.get(attribute)) for old, line in zip(before, labels.lines, strict=True) if old is not None]
    same = sum(old == new for old, new in had)
    said = [f"{len(labels.lines) - len(failed)} of {len(labels.lines)} objects have a label: {out}"]
    if had and labels.kind == "class":
        said.append(f"{same} of {len(had)} are labeled as they were before.")
    if labels.kind == Form.kind:
        said.append("Forms are kept as each person gave them: a function of yours after annotation makes one of them.")
    said += [f"line {each['line']}: {each['reason']}" for each in failed[:SHOWN]]
    if len(failed) > SHOWN:
        said.append(f"… and {len(failed) - SHOWN} more without a label; --json has all.")
    output.result(
        {
            "manifest": str(out),
            "kind": labels.kind,
            "classes": list(labels.classes),
            "objects": len(labels.lines),
            "labeled": len(labels.lines) - len(failed),
            "failed": failed,
            "workers": [
                {"worker": name, "accuracy": round(each.accuracy, 4), "votes": each.votes} for name, each in workers
            ],
            "before": {"labeled": len(had), "same": same},
        },
        "\n".join(said),
    )
    if workers and not output.as_json:
        output.result(
            {},
            table(
                ["person", "right", "answers"],
                [[name, f"{each.accuracy:.0%}", str(each.votes)] for name, each in workers],
            ),
        )
