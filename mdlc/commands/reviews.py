"""mdlc reviews: what people say about predictions, in human loops."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final

import typer

from labels.review.output import lines as review_lines
from mdlc import systems
from mdlc.client import reviewed, tables, versions, waiting
from mdlc.client.deployed import Deployed
from mdlc.client.operations import plain
from mdlc.commands.files import read_classes, read_object, write_lines
from mdlc.commands.options import (
    Environment,
    Json,
    LabelAttribute,
    SystemName,
    Timeout,
    Yes,
    connect,
    connect_to_change,
)
from mdlc.commands.refusals import refusals
from mdlc.errors import CommandError, InputError
from mdlc.output import Output, table
from mdlc.reviews import Client

app = typer.Typer(name="reviews", help="Reviews of predictions by people.", no_args_is_help=True)
template = typer.Typer(name="template", help="Worker templates of reviews.", no_args_is_help=True)
flow = typer.Typer(name="flow", help="Flow definitions: who reviews what, and how.", no_args_is_help=True)
app.add_typer(template)
app.add_typer(flow)

ENDED: Final = ("Completed", "Failed", "Stopped")
LONGEST: Final = 10 * 24 * 3600.0
Request = Annotated[
    Path, typer.Argument(metavar="REQUEST", exists=True, dir_okay=False, help="The body of the request, as JSON.")
]
LoopName = Annotated[str, typer.Argument(metavar="LOOP", help="The HumanLoopName.")]
FlowName = Annotated[str, typer.Argument(metavar="FLOW", help="The FlowDefinitionName.")]
TemplateName = Annotated[str, typer.Argument(metavar="NAME", help="The HumanTaskUiName.")]


@app.callback()
def _group() -> None:
    """Reviews of predictions by people, as Augmented AI has them."""


@app.command()
def start(request: Request, environment: Environment = "dev", *, yes: Yes = False, as_json: Json = False) -> None:
    """Start a human loop: REQUEST is the body of StartHumanLoop. The same again is the same loop."""
    output, body = Output(as_json), dict(read_object(request))
    with refusals():
        arn = Client(environment, connect_to_change(environment, output, yes=yes)).start_human_loop(**body)
    name = body["HumanLoopName"]
    output.result(
        {"loop": name, "arn": arn["HumanLoopArn"]}, f"{name} begins: mdlc reviews wait {name} -e {environment}"
    )


@app.command()
def describe(loop: LoopName, environment: Environment = "dev", *, as_json: Json = False) -> None:
    """Show a loop: its state, and where its output is."""
    output = Output(as_json)
    with refusals():
        found = Client(environment, connect(environment)).describe_human_loop(HumanLoopName=loop)
    output.result(plain(found), "\n".join(_sentences(found)))


@app.command("list")
def list_loops(of: FlowName, environment: Environment = "dev", *, as_json: Json = False) -> None:
    """List the loops of a flow definition, the newest first."""
    output = Output(as_json)
    with refusals():
        found = list(Client(environment, connect(environment)).loops(of))
    rows = [(each["HumanLoopName"], each["HumanLoopStatus"], _time(each)) for each in found]
    shown = table(("loop", "status", "created"), rows) if rows else f"{of} has no human loop."
    output.result({"loops": [plain(each) for each in found]}, shown)


@app.command()
def stop(loop: LoopName, environment: Environment = "dev", *, yes: Yes = False, as_json: Json = False) -> None:
    """Ask nobody new; who has begun may finish."""
    output = Output(as_json)
    with refusals():
        Client(environment, connect_to_change(environment, output, yes=yes)).stop_human_loop(HumanLoopName=loop)
    output.result({"loop": loop}, f"{loop} is being stopped: mdlc reviews wait {loop} -e {environment}")


@app.command()
def wait(
    loop: LoopName, environment: Environment = "dev", timeout: Timeout = LONGEST, *, as_json: Json = False
) -> None:
    """Wait for the end of a loop; fails unless all have answered."""
    output, cloud = Output(as_json), connect(environment)
    client = Client(environment, cloud)
    with refusals(), output.progress(f"waiting for {loop}"):
        found = waiting.until(
            lambda: client.describe_human_loop(HumanLoopName=loop),
            lambda read: read["HumanLoopStatus"] in ENDED,
            late=lambda read: f"{loop} is still {read['HumanLoopStatus']}",
            timeout=timeout,
            interval=cloud.poll_seconds,
        )
    output.result(plain(found), "\n".join(_sentences(found)))
    if found["HumanLoopStatus"] != "Completed":
        reason = found.get("FailureReason", "it was stopped, or its time was over")
        output.note(f"mdlc: {loop} is {found['HumanLoopStatus']}: {reason}")
        raise typer.Exit(CommandError.exit_code)


@app.command()
def publish(  # noqa: PLR0913, PLR0917 - an option each
    of: FlowName,
    system: SystemName,
    attribute: LabelAttribute = "kind",
    categories: Annotated[
        Path | None, typer.Option("--categories", exists=True, dir_okay=False, help="A label category file.")
    ] = None,
    base: Annotated[
        str | None, typer.Option("--base", metavar="VERSION", help="What it is added to; default: published last.")
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option("--manifest", metavar="FILE", help="Where the reviews go as a manifest besides.")
    ] = None,
    environment: Environment = "dev",
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Publish a version of a system's data: the last one, with each reviewed picture in the folder of its class."""
    output, chosen = Output(as_json), systems.find(system)
    if chosen.files:
        raise InputError(f"A version of {system} is {' and '.join(chosen.files)}: pictures can be added to none.")
    cloud = connect_to_change(environment, output, yes=yes)
    with refusals():
        found = Client(environment, cloud).describe_flow_definition(FlowDefinitionName=of)
    documents = reviewed.outputs(cloud, of, found["OutputConfig"]["S3OutputPath"])
    try:
        lines = review_lines(documents, attribute, read_classes(categories), when=datetime.now(UTC))
    except ValueError as error:
        raise InputError(f"{of}: {error}") from error
    if manifest:
        write_lines(manifest, lines)
    bucket = Deployed(cloud, chosen, environment).data_bucket
    with TemporaryDirectory() as name, output.progress(f"publishing reviews of {of}"):
        folder = Path(name)
        if base or versions.list_versions(cloud.s3, bucket, chosen.name):
            reviewed.fetch(cloud, versions.choose(cloud.s3, bucket, chosen.name, base), folder)
        count = reviewed.lay_out(cloud, lines, attribute, folder)
        version = versions.read(chosen.name, folder, chosen.files, recipe=chosen.recipe)
        tables.check(chosen, version, output.note)
        published = versions.publish(cloud.s3, bucket, version)
        versions.announce(cloud.s3, bucket, version)
    output.result(
        {
            "system": chosen.name,
            "version": version.name,
            "uri": published.uri,
            "reviews": len(lines),
            "pictures": count,
            "files": len(version.files),
        },
        f"{version.name} has {count} reviewed pictures among {len(version.files)} files: {published.uri}",
    )


@template.command("create")
def create_template(
    name: TemplateName,
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A worker template.")],
    environment: Environment = "dev",
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Keep a worker template, which flow definitions name by its ARN."""
    output = Output(as_json)
    try:
        content = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is no UTF-8 at byte {error.start}: write it so.") from error
    with refusals():
        client = Client(environment, connect_to_change(environment, output, yes=yes))
        arn = client.create_human_task_ui(HumanTaskUiName=name, UiTemplate={"Content": content})["HumanTaskUiArn"]
    output.result({"template": name, "arn": arn}, arn)


@template.command("list")
def list_templates(environment: Environment = "dev", *, as_json: Json = False) -> None:
    """List the worker templates, the newest first."""
    output = Output(as_json)
    with refusals():
        found = list(Client(environment, connect(environment)).pages())
    rows = [(each["HumanTaskUiName"], _time(each), each["HumanTaskUiArn"]) for each in found]
    shown = table(("template", "created", "arn"), rows) if rows else "There is no worker template of reviews."
    output.result({"templates": [plain(each) for each in found]}, shown)


@template.command("delete")
def delete_template(
    name: TemplateName, environment: Environment = "dev", *, yes: Yes = False, as_json: Json = False
) -> None:
    """Forget a worker template; flow definitions go on with their copies."""
    output = Output(as_json)
    with refusals():
        Client(environment, connect_to_change(environment, output, yes=yes)).delete_human_task_ui(HumanTaskUiName=name)
    output.result({"template": name}, f"{name} is gone.")


@flow.command("create")
def create_flow(request: Request, environment: Environment = "dev", *, yes: Yes = False, as_json: Json = False) -> None:
    """Make a flow definition: REQUEST is the body of CreateFlowDefinition."""
    output, body = Output(as_json), dict(read_object(request))
    with refusals():
        arn = Client(environment, connect_to_change(environment, output, yes=yes)).create_flow_definition(**body)
    output.result({"flow": body["FlowDefinitionName"], "arn": arn["FlowDefinitionArn"]}, arn["FlowDefinitionArn"])


@flow.command("describe")
def describe_flow(name: FlowName, environment: Environment = "dev", *, as_json: Json = False) -> None:
    """Show a flow definition: whom it asks, and where its output goes."""
    output = Output(as_json)
    with refusals():
        found = Client(environment, connect(environment)).describe_flow_definition(FlowDefinitionName=name)
    people = found["HumanLoopConfig"]
    said = (
        f"{name} asks {people['TaskCount']} of {people['WorkteamArn'].rpartition('/')[2]}: {people['TaskTitle']}.",
        f"Its output is in {found['OutputConfig']['S3OutputPath'].rstrip('/')}/{name}/.",
        found["FlowDefinitionArn"],
    )
    output.result(plain(found), "\n".join(said))


@flow.command("list")
def list_flows(environment: Environment = "dev", *, as_json: Json = False) -> None:
    """List the flow definitions, the newest first."""
    output = Output(as_json)
    with refusals():
        found = list(Client(environment, connect(environment)).flows())
    rows = [(each["FlowDefinitionName"], _time(each), each["FlowDefinitionArn"]) for each in found]
    shown = table(("flow", "created", "arn"), rows) if rows else "There is no flow definition."
    output.result({"flows": [plain(each) for each in found]}, shown)


@flow.command("delete")
def delete_flow(name: FlowName, environment: Environment = "dev", *, yes: Yes = False, as_json: Json = False) -> None:
    """Show a flow definition to nobody any more, once its loops have ended."""
    output = Output(as_json)
    with refusals():
        client = Client(environment, connect_to_change(environment, output, yes=yes))
        client.delete_flow_definition(FlowDefinitionName=name)
    output.result({"flow": name}, f"{name} is gone.")


def _sentences(found: dict[str, Any]) -> Iterator[str]:
    yield f"{found['HumanLoopName']} is {found['HumanLoopStatus']}."
    if "FailureReason" in found:
        yield found["FailureReason"]
    if "HumanLoopOutput" in found:
        yield f"Its output is {found['HumanLoopOutput']['OutputS3Uri']}."


def _time(found: dict[str, Any]) -> str:
    return f"{found['CreationTime']:%Y-%m-%d %H:%M:%S}"
