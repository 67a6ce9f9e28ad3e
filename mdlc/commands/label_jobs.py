"""mdlc labels create, describe, list, stop, wait, progress, why, reopen: jobs in which people label."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from mdlc.client import waiting
from mdlc.client.operations import plain
from mdlc.commands.options import Environment, Json, Timeout, Yes, connect, connect_to_change
from mdlc.commands.refusals import refusals
from mdlc.errors import CommandError, InputError
from mdlc.labels import Client
from mdlc.output import Output, table

ENDED: Final = ("Completed", "Failed", "Stopped")
MONTH: Final = 30 * 24 * 3600.0
JobName = Annotated[str, typer.Argument(metavar="JOB", help="The LabelingJobName.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the group."""
    for command in (create, describe, list_jobs, stop, wait, progress, why, reopen, questions, answer):
        app.command(command.__name__.removesuffix("_jobs"))(command)


def create(
    request: Annotated[
        Path,
        typer.Argument(metavar="REQUEST", exists=True, dir_okay=False, help="The body of CreateLabelingJob, as JSON."),
    ],
    environment: Environment = "dev",
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Make a labeling job; its objects are prepared, and then the team is asked."""
    output = Output(as_json)
    try:
        body = json.loads(request.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{request} is no JSON: {error}.") from error
    if not isinstance(body, dict):
        raise InputError(f"{request} is no JSON object: give the body of CreateLabelingJob.")
    with refusals():
        arn = Client(environment, connect_to_change(environment, output, yes=yes)).create_labeling_job(**body)
    name = body["LabelingJobName"]
    output.result(
        {"job": name, "arn": arn["LabelingJobArn"]}, f"{name} begins: mdlc labels progress {name} -e {environment}"
    )


def describe(job: JobName, environment: Environment = "dev", *, as_json: Json = False) -> None:
    """Show a job: its state, what is labeled, and where the labels are."""
    output = Output(as_json)
    with refusals():
        found = Client(environment, connect(environment)).describe_labeling_job(LabelingJobName=job)
    output.result(plain(found), "\n".join(_sentences(found)))


def list_jobs(environment: Environment = "dev", *, as_json: Json = False) -> None:
    """List the jobs, the newest first."""
    output = Output(as_json)
    with refusals():
        found = list(Client(environment, connect(environment)).jobs())
    rows = [
        (
            each["LabelingJobName"],
            each["LabelingJobStatus"],
            str(each["LabelCounters"]["TotalLabeled"]),
            f"{each['CreationTime']:%Y-%m-%d %H:%M:%S}",
        )
        for each in found
    ]
    shown = table(("job", "status", "labeled", "created"), rows) if rows else "There is no labeling job."
    output.result({"jobs": [plain(each) for each in found]}, shown)


def stop(job: JobName, environment: Environment = "dev", *, yes: Yes = False, as_json: Json = False) -> None:
    """Ask nobody any more: labels are made of what was answered."""
    output = Output(as_json)
    with refusals():
        Client(environment, connect_to_change(environment, output, yes=yes)).stop_labeling_job(LabelingJobName=job)
    output.result({"job": job}, f"{job} is being stopped: mdlc labels wait {job} -e {environment}")


def wait(job: JobName, environment: Environment = "dev", timeout: Timeout = MONTH, *, as_json: Json = False) -> None:
    """Wait for the end of a job; fails when the job did."""
    output, cloud = Output(as_json), connect(environment)
    client = Client(environment, cloud)
    with refusals(), output.progress(f"waiting for {job}") as say:
        found = waiting.until(
            lambda: client.describe_labeling_job(LabelingJobName=job),
            lambda read: read["LabelingJobStatus"] in ENDED,
            late=lambda read: f"{job} is still {read['LabelingJobStatus']}",
            timeout=timeout,
            interval=cloud.poll_seconds,
            watch=lambda read: say(f"{job}: {read['LabelCounters']['TotalLabeled']} answered"),
        )
    output.result(plain(found), "\n".join(_sentences(found)))
    if found["LabelingJobStatus"] == "Failed":
        output.note(f"mdlc: {job} failed: {found.get('FailureReason', 'no reason given')}")
        raise typer.Exit(CommandError.exit_code)


def progress(job: JobName, environment: Environment = "dev", *, as_json: Json = False) -> None:
    """Show how many objects of a job are in each stage, and when it will end."""
    output = Output(as_json)
    with refusals():
        found = Client(environment, connect(environment)).progress(job)
    stages = {name: count for name, count in found["Stages"].items() if count}
    said = ", ".join(f"{count} {name}" for name, count in stages.items())
    barred = f" Nobody is given anything: {found['Barred']}" if "Barred" in found else ""
    shown = f"{job} is {found['LabelingJobStatus']}; of {found['Objects']} objects: {said}.{barred}"
    output.result(plain(found), "\n".join([shown, *_forecast(found)]))


def why(
    job: JobName,
    item: Annotated[
        str | None, typer.Argument(metavar="OBJECT", help="Its number in the manifest, from 0; default: all.")
    ] = None,
    environment: Environment = "dev",
    *,
    as_json: Json = False,
) -> None:
    """Say in a sentence why an object has no label, or why each of those has none that have none."""
    output = Output(as_json)
    with refusals():
        found = Client(environment, connect(environment)).explain(job, item)
    said = [f"{each['ObjectId']}: {each['Sentence']}" for each in found["Objects"]]
    if (more := found.get("Unlabeled", 0) - len(said)) > 0:
        said.append(f"… and {more} more.")
    output.result(found, "\n".join(said) or f"Every object of {job} has a label.")


def reopen(  # noqa: PLR0913 - an option each
    job: JobName,
    item: Annotated[str, typer.Argument(metavar="OBJECT", help="Its number in the manifest, from 0.")],
    more: Annotated[int, typer.Option(min=1, max=9, help="How many more people are asked.")] = 1,
    environment: Environment = "dev",
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Ask more people about an object of a job that goes on: one that failed, or whose label is doubtful."""
    output = Output(as_json)
    with refusals():
        Client(environment, connect_to_change(environment, output, yes=yes)).reopen(job, item, more)
    people = "1 more person is" if more == 1 else f"{more} more people are"
    output.result({"job": job, "object": item, "more": more}, f"{people} asked about object {item} of {job}.")


def questions(
    job: JobName,
    environment: Environment = "dev",
    *,
    everything: Annotated[bool, typer.Option("--all", help="Those that have an answer, too.")] = False,
    as_json: Json = False,
) -> None:
    """List what people asked while they labeled, and nobody has answered yet."""
    output = Output(as_json)
    with refusals():
        found = [
            each
            for each in Client(environment, connect(environment)).questions(job)
            if everything or "Answer" not in each
        ]
    rows = [
        (each["QuestionId"], each["ObjectId"], f"{each['Asked']:%Y-%m-%d %H:%M}", each["Text"], each.get("Answer", ""))
        for each in found
    ]
    shown = table(("question", "object", "asked", "text", "answer"), rows) if rows else "No question waits."
    output.result({"questions": [plain(each) for each in found]}, shown)
    if rows:
        output.note(f"mdlc labels answer {job} QUESTION TEXT -e {environment} answers one.")


def answer(  # noqa: PLR0913 - an option each
    job: JobName,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="As mdlc labels questions names it.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The answer: who asked sees it where they asked.")],
    environment: Environment = "dev",
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Answer what somebody asked while they labeled."""
    output = Output(as_json)
    with refusals():
        Client(environment, connect_to_change(environment, output, yes=yes)).answer(job, question, text)
    output.result({"job": job, "question": question}, "The answer is shown where it was asked.")


def _forecast(found: dict[str, Any]) -> Iterator[str]:
    """Yield what people read of a job's end, while it goes on."""
    forecast = found.get("Forecast", {})
    if not found.get("Missing") or "Sentence" not in forecast:
        return
    if "Ends" in forecast:
        latest = f"{forecast['Latest']:%Y-%m-%d %H:%M}" if "Latest" in forecast else "nobody knows when"
        times = f"{forecast['Ends']:%Y-%m-%d %H:%M} UTC, between {forecast['Earliest']:%Y-%m-%d %H:%M} and {latest}"
        yield f"At this pace it ends at {times}. {forecast['Sentence']}"
    else:
        yield forecast["Sentence"]
    if "Closing" in found:
        yield f"{found['Closing']} open objects are closed before that: more people would do."


def _sentences(found: dict[str, Any]) -> Iterator[str]:
    """Yield what people read of a job."""
    counters = found["LabelCounters"]
    yield (
        f"{found['LabelingJobName']} is {found['LabelingJobStatus']}: {counters['TotalLabeled']} labeled,"
        f" {counters['FailedNonRetryableError']} without a label, {counters['Unlabeled']} to come."
    )
    if "FailureReason" in found:
        yield found["FailureReason"]
    if "LabelingJobOutput" in found:
        yield f"The labels are in {found['LabelingJobOutput']['OutputDatasetS3Uri']}."
