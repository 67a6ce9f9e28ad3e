"""mdlc data: make and publish data sets."""

from pathlib import Path
from typing import Annotated

import typer

from mdlc import systems
from mdlc.client import tables, versions
from mdlc.client.deployed import Deployed
from mdlc.commands.options import Environment, Json, NewFolder, Rows, Seed, SystemName, Yes, connect, connect_to_change
from mdlc.errors import InputError
from mdlc.output import Output, table

app = typer.Typer(name="data", help="Data sets.", no_args_is_help=True)


@app.command()
def generate(  # noqa: PLR0913 - an option each
    system: SystemName,
    folder: NewFolder,
    seed: Seed = 42,
    rows: Rows = None,
    *,
    shuffle_labels: Annotated[
        bool, typer.Option("--shuffle-labels", help="Deal the labels out at random: the quality gate must notice.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write a seeded data set of a system's documented schema to FOLDER."""
    output = Output(as_json)
    chosen = systems.find(system)
    systems.check_data(chosen)
    taken = [name for name in chosen.files or ("*",) if next(folder.glob(name), None)]
    if taken:
        held = " and ".join(taken) if chosen.files else "files"
        raise InputError(f"{folder} already holds {held}: choose another folder.")
    count = chosen.rows if rows is None else rows
    with output.progress(f"making {count} records"):
        systems.make_data(chosen, folder, seed=seed, rows=count, shuffle_labels=shuffle_labels)
    output.result(
        {"system": chosen.name, "folder": str(folder), "files": list(chosen.files), "rows": count, "seed": seed},
        f"{folder} holds {' and '.join(chosen.files)}, {count} records each."
        if chosen.files
        else f"{folder} holds {count} records.",
    )


@app.command()
def publish(
    system: SystemName,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", exists=True, help="A folder, or the file of a system of one table.")
    ],
    environment: Environment = "dev",
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Check the files in FOLDER against the system's recipe, and publish them as an immutable version.

    A version is named by its content. A system of one table takes that file alone, whatever it is called.
    """
    output = Output(as_json)
    chosen = systems.find(system)
    version = versions.read(chosen.name, folder, chosen.files, recipe=chosen.recipe)
    tables.check(chosen, version, output.note)
    cloud = connect_to_change(environment, output, yes=yes)
    bucket = Deployed(cloud, chosen, environment).data_bucket
    with output.progress(f"publishing {version.name} to {cloud.description}"):
        published = versions.publish(cloud.s3, bucket, version)
        versions.announce(cloud.s3, bucket, version)
    output.result(
        {
            "system": chosen.name,
            "version": version.name,
            "uri": published.uri,
            "created": published.created,
            "files": {file.name: {"sha256": file.sha256, "bytes": file.size} for file in version.files},
        },
        f"{version.name} is published at {published.uri}"
        f"{'.' if published.created else ', as it was before: it is the one published last again.'}",
    )


@app.command("list")
def list_versions(system: SystemName, environment: Environment = "dev", *, as_json: Json = False) -> None:
    """List a system's data versions, the one published last first."""
    output = Output(as_json)
    chosen = systems.find(system)
    cloud = connect(environment)
    found = versions.list_versions(cloud.s3, Deployed(cloud, chosen, environment).data_bucket, chosen.name)
    rows = [(each.name, f"{each.published:%Y-%m-%d %H:%M:%S %Z}", str(each.files), f"{each.size:,}") for each in found]
    output.result(
        {"system": chosen.name, "versions": [each.as_json() for each in found]},
        table(("version", "published", "files", "bytes"), rows) if rows else f"{chosen.name} has no data yet.",
    )
