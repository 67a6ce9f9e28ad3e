"""mdlc features: records in and out of the feature store, its schemas, and training sets without leaks."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from localsagemaker.feature_store.schema import Definition, Schema, SchemaError
from mdlc.client.feature_store import Group, groups
from mdlc.commands.options import Environment, Json, Yes, connect, connect_to_change
from mdlc.errors import CommandError, InputError
from mdlc.features import inference, ingest, join, table
from mdlc.features import moment as moments
from mdlc.features.ingest import Outcome
from mdlc.features.table import Table
from mdlc.output import Output
from mdlc.output import table as drawn

app = typer.Typer(name="features", help="The feature store.", no_args_is_help=True)

GroupName = Annotated[str, typer.Argument(metavar="GROUP", help="Which feature group: mdlc features list shows them.")]
CsvFile = Annotated[
    Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A CSV file in UTF-8, with a header.")
]


@app.command("list")
def list_groups(environment: Environment = "dev", *, as_json: Json = False) -> None:
    """List the feature groups of an environment."""
    output = Output(as_json)
    cloud = connect(environment)
    found = [
        {
            "group": called,
            "name": name,
            "status": (described := Group(cloud, name).description)["FeatureGroupStatus"],
            "record_identifier": described["RecordIdentifierFeatureName"],
            "features": len(described["FeatureDefinitions"]),
        }
        for called, name in groups(cloud, environment).items()
    ]
    output.result(
        {"groups": found},
        drawn(
            ["group", "name", "status", "identifier", "features"],
            [[str(value) for value in each.values()] for each in found],
        )
        if found
        else f"{cloud.place(environment)} has no feature group.",
    )


@app.command("ingest")
def ingest_file(  # noqa: PLR0913, PLR0917 - an option each
    group: GroupName,
    file: CsvFile,
    environment: Environment = "dev",
    workers: Annotated[int, typer.Option(min=1, max=50, help="Records written at a time.")] = ingest.WORKERS,
    event: Annotated[
        str | None,
        typer.Option(
            "--event-time", help="When the rows became true: seconds since 1970, or ISO 8601; without it, now."
        ),
    ] = None,
    rejected: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where rejected rows go; default: FILE.rejected.csv.")
    ] = None,
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Write every row of FILE as a record; rows that cannot be one are kept with the reason, and the exit code is 1."""
    output = Output(as_json)
    rows = table.read(file)
    moment = read_time(event) if event else time.time_ns() // 1000
    found = Group.find(connect_to_change(environment, output, yes=yes), environment, group)
    keep = rejected or file.with_name(f"{file.name}.rejected.csv")
    begun = time.monotonic()
    outcome = ingest_table(found, rows, moment, workers, output)
    seconds = time.monotonic() - begun
    if outcome.rejected:
        ingest.write_rejected(outcome, rows, keep)
    output.result(
        {
            "group": found.name,
            "rows": len(rows.rows),
            "written": outcome.written,
            "rejected": [{"row": item.row.number, "reason": item.reason} for item in outcome.rejected],
            "rejected_file": str(keep) if outcome.rejected else None,
            "seconds": round(seconds, 3),
        },
        f"{outcome.written} of {len(rows.rows)} records are in {found.name} ({seconds:.1f} s).",
    )
    if outcome.rejected:
        first = outcome.rejected[0]
        output.note(
            f"mdlc: {len(outcome.rejected)} rows were rejected, the first, row {first.row.number}: "
            f"{first.reason} All of them are in {keep}."
        )
        raise typer.Exit(CommandError.exit_code)


@app.command()
def get(
    group: GroupName,
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Record identifier.")],
    environment: Environment = "dev",
    *,
    as_json: Json = False,
) -> None:
    """Show the latest record of ID in the online store; exit code 1 when there is none."""
    output = Output(as_json)
    found = Group.find(connect(environment), environment, group)
    record = found.get(identifier)
    if record is None:
        raise CommandError(f"{found.name} has no record {identifier}.")
    output.result({"group": found.name, "record": record}, drawn(list(record), [list(record.values())]))


@app.command("batch-get")
def batch_get(
    group: GroupName,
    identifiers: Annotated[list[str], typer.Argument(metavar="ID...", help="Record identifiers.")],
    environment: Environment = "dev",
    *,
    as_json: Json = False,
) -> None:
    """Show the latest records of several identifiers; exit code 1 when some have none."""
    output = Output(as_json)
    found = Group.find(connect(environment), environment, group)
    got = found.get_many(identifiers)
    missing = [identifier for identifier in dict.fromkeys(identifiers) if identifier not in got]
    columns = [name for name in found.schema.types if any(name in record for record in got.values())]
    output.result(
        {"group": found.name, "records": got, "missing": missing},
        drawn(columns, [[record.get(name, "") for name in columns] for record in got.values()]),
    )
    if missing:
        output.note(f"mdlc: {found.name} has no record {', '.join(missing)}.")
        raise typer.Exit(CommandError.exit_code)


@app.command()
def describe(group: GroupName, environment: Environment = "dev", *, as_json: Json = False) -> None:
    """Show a group's features with their types and metadata, and the state of its stores."""
    output = Output(as_json)
    found = Group.find(connect(environment), environment, group)
    shown = found.description
    features = [
        {"name": item.name, "type": item.type, **found.metadata(item.name)} for item in found.schema.definitions
    ]
    answer = {
        "group": found.name,
        "description": shown.get("Description", ""),
        "status": shown["FeatureGroupStatus"],
        "offline_status": shown.get("OfflineStoreStatus", {}).get("Status"),
        "offline_uri": found.offline_uri,
        "record_identifier": found.schema.identifier,
        "event_time": found.schema.event_time,
        "features": features,
    }
    output.result(answer, drawn(["feature", "type", "description", "parameters"], [_line(item) for item in features]))


@app.command()
def grow(
    group: GroupName,
    additions: Annotated[
        list[str],
        typer.Argument(metavar="NAME:TYPE...|FILE", help="Features, or a CSV file whose new columns they are."),
    ],
    environment: Environment = "dev",
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Add features to a group; the records that it has stay as they are."""
    output = Output(as_json)
    inferred = list(inference.infer(table.read(Path(additions[0])))) if _is_file(additions) else None
    given = inferred if inferred is not None else [read_feature(text) for text in additions]
    found = Group.find(connect_to_change(environment, output, yes=yes), environment, group)
    with output.progress(f"adding features to {found.name}"):
        new = found.grow(given, known_ones_too=inferred is not None)
    names = [item.name for item in new]
    output.result(
        {"group": found.name, "added": {item.name: item.type for item in new}},
        f"{found.name} has {', '.join(names)} now." if names else f"{found.name} has all of these features already.",
    )


@app.command("join")
def join_file(  # noqa: PLR0913, PLR0917 - an option each
    group: GroupName,
    file: CsvFile,
    environment: Environment = "dev",
    time_column: Annotated[str | None, typer.Option(help="Column with each row's time.")] = None,
    event: Annotated[
        str | None,
        typer.Option("--at", help="One time for all rows: seconds since 1970, or ISO 8601; without it, now."),
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Where to; default: FILE.joined.csv.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Add to each row of FILE the features that were true at the row's own time, from the offline store."""
    output = Output(as_json)
    if time_column and event:
        raise InputError("Give --time-column or --at, not both.")
    rows = table.read(file)
    moment = read_time(event) if event else time.time_ns() // 1000
    found = Group.find(connect(environment), environment, group)
    written = to or file.with_name(f"{file.name}.joined.csv")
    with output.progress(f"reading the offline store of {found.name}"):
        records = found.history()
    joined = join.point_in_time(
        rows, Schema.described(found.description), records, time_column=time_column, moment=moment
    )
    table.write(written, joined.columns, joined.rows)
    output.result(
        {
            "group": found.name,
            "rows": len(joined.rows),
            "matched": joined.matched,
            "events": len(records),
            "file": str(written),
        },
        f"{written} has {len(joined.rows)} rows, {joined.matched} of them with features.",
    )


def ingest_table(group: Group, rows: Table, moment: int, workers: int, output: Output) -> Outcome:
    """Ingest a table with progress; `TableError` when it does not fit the group."""
    with output.progress(f"ingesting {len(rows.rows)} rows") as say:
        return ingest.ingest(
            group.schema,
            rows,
            group.put,
            moment=moment,
            workers=workers,
            progress=lambda done, bad: say(f"ingesting: {done} of {len(rows.rows)} rows, {bad} rejected"),
        )


def read_time(text: str) -> int:
    """Read a time in microseconds since 1970; `InputError` when it is none."""
    try:
        return moments.read(text)
    except ValueError as error:
        raise InputError(str(error)) from None


def read_feature(text: str) -> Definition:
    """Read `NAME:TYPE`; `InputError` when it is none."""
    try:
        return inference.parse(text)
    except SchemaError as error:
        raise InputError(str(error)) from None


def _is_file(additions: Sequence[str]) -> bool:
    return len(additions) == 1 and (":" not in additions[0] or Path(additions[0]).is_file())


def _line(feature: Mapping[str, Any]) -> list[str]:
    parameters = ", ".join(f"{key}={value}" for key, value in feature["parameters"].items())
    return [feature["name"], feature["type"], feature["description"], parameters]
