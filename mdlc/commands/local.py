"""mdlc local: the local cloud of this folder."""

import re
import shlex
from collections import Counter
from typing import Annotated, Any, Literal

import typer

from account.quotas import Profile
from localcloud.console import PROFILE, TIME_SCALE, LocalCloudError, Running
from localcloud.lifecycle import ACCOUNT, REGION, LocalCloud
from mdlc.checkup import stale_text
from mdlc.commands import fail, local_portal
from mdlc.commands.options import Folder, Json, finite
from mdlc.errors import CommandError, InputError
from mdlc.output import Output, table

app = typer.Typer(name="local", help="The local cloud of this folder.", no_args_is_help=True)
app.add_typer(fail.app)
local_portal.add_to(app)

HIGHEST_PORT = 65_535


def _account(number: str | None) -> str | None:
    if number is not None and not re.fullmatch(r"[0-9]{12}", number):
        raise InputError(f"{number!r} is no account: it has {len(ACCOUNT)} digits.")
    return number


@app.command()
def up(  # noqa: PLR0913 - what a cloud stands for; typer calls it by name
    port: Annotated[int, typer.Option(min=0, max=HIGHEST_PORT, help="Port of 127.0.0.1; 0 takes a free one.")] = 0,
    account: Annotated[
        str | None,
        typer.Option(callback=_account, help=f"Account that it stands for, 12 digits; without it, {ACCOUNT}."),
    ] = None,
    region: Annotated[str | None, typer.Option(help=f"Region that it stands for; without it, {REGION}.")] = None,
    time_scale: Annotated[
        float | None,
        typer.Option(
            min=1,
            callback=finite,
            help=f"By how much AWS's waits, such as a canary's bake, are shortened; without it, {TIME_SCALE:g}.",
        ),
    ] = None,
    profile: Annotated[
        Profile | None,
        typer.Option(
            "--account-profile",
            help="What its accounts may use: as AWS hands out a new one, with a quota of 0 for most instance types, or"
            f" as one whose quotas were raised; without it, {PROFILE}.",
        ),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Start the local cloud, unless it runs."""
    output = Output(as_json)
    if region is not None and not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-[0-9]", region):
        raise InputError(f"{region!r} is no region: it looks like {REGION}.")
    cloud = LocalCloud()
    with output.progress("starting the local cloud"):
        running = cloud.up(port, account or ACCOUNT, region or REGION, time_scale or TIME_SCALE, profile or PROFILE)
    asked = {"account": account, "region": region, "time scale": time_scale, "account profile": profile}
    is_up = {
        "account": running.account,
        "region": running.region,
        "time scale": running.time_scale,
        "account profile": running.profile,
    }
    others = [f"{name} {is_up[name]}" for name, value in asked.items() if value not in {None, is_up[name]}]
    if port not in {0, running.port} or others:
        with_ = f" with {' and '.join(others)}" if others else ""
        raise InputError(f"The local cloud is up already, at {running.endpoint}{with_}: mdlc local down ends it.")
    output.result(
        _as_json(running),
        f'The local cloud is up at {running.endpoint}; eval "$(mdlc local env)" leads the AWS CLI and SDKs to it.',
    )


@app.command()
def status(*, as_json: Json = False) -> None:
    """Say whether the local cloud runs, where, and what fails on purpose; the exit code is 0 either way."""
    cloud, output = LocalCloud(), Output(as_json)
    running = cloud.status()
    if running is None:
        output.result({"up": False}, "No local cloud is up in this folder.")
        return
    faults = cloud.faults()
    lines = [f"The local cloud is up at {running.endpoint}.", *(f"On purpose: {fail.words(each)}." for each in faults)]
    output.result(_as_json(running) | {"faults": faults}, "\n".join(lines))


@app.command()
def logs(
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until it stops.")] = False,
    as_json: Json = False,
) -> None:
    """Print the local cloud's log."""
    if follow and as_json:
        raise InputError("--follow has no end to print JSON at: leave out one of --follow and --json.")
    output = Output(as_json)
    lines = LocalCloud().logs(follow=follow)
    if as_json:
        output.result({"lines": list(lines)}, "")
        return
    silent = True
    for line in lines:
        silent = False
        typer.echo(line)
    if silent:
        output.note("No local cloud has written a log in this folder: mdlc local up starts one.")


@app.command()
def interrupt(
    job: Annotated[
        str | None, typer.Argument(metavar="JOB", help="Name or ARN of a spot training job that runs.")
    ] = None,
    wait: Annotated[
        float, typer.Option(min=0, callback=finite, help="Seconds until there are spot instances again.")
    ] = 0,
    each: Annotated[
        int | None,
        typer.Option(min=0, help="Instead: interrupt every spot job from now on so many times, after a checkpoint."),
    ] = None,
    *,
    lost: Annotated[bool, typer.Option("--lost", help="No notice: neither SIGTERM nor a last copy.")] = False,
    as_json: Json = False,
) -> None:
    """Take the instances of a spot training job away, as AWS may at any time."""
    if (job is None) == (each is None):
        raise InputError("Name a job, or say with --each how often every spot job is interrupted.")
    cloud = LocalCloud()
    cloud.running()
    try:
        if job is not None:
            cloud.interrupt(job, notice=not lost, wait_s=wait)
            text = f"{job} is interrupted; it starts again from its last checkpoint."
        elif each is not None:
            cloud.rehearse_interruptions(each)
            times = "once" if each == 1 else f"{each} times"
            text = f"Spot jobs created from now on are interrupted {times} each, after copying a checkpoint."
            text = text if each else "Spot jobs created from now on are interrupted no more."
    except LocalCloudError as error:
        raise InputError(str(error)) from error
    Output(as_json).result({"job": job, "each": each}, text)


@app.command()
def report(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="Begin of the stacks' names; without it, all.")] = "",
    *,
    status: Annotated[
        Literal["applied", "recorded", "refused"] | None, typer.Option(help="Only what became of this.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say of every property of every stack what became of it: applied, recorded only, or refused.

    Says which log groups have no key or no end. Exits 1 where a stack has the old value of an output that has changed
    since: it has to be deployed again.
    """
    cloud = LocalCloud()
    found = [
        {"stack": line["stack"], "logical_id": line["logical_id"], "type": line["type"], **property_}
        for line in cloud.resources()
        for property_ in line["properties"]
        if line["stack"].startswith(stack)
    ]
    counts = Counter(each["status"] for each in found)
    shown = [each for each in found if status in {None, each["status"]}]
    rows = [(each["stack"], each["logical_id"], each["path"], each["status"], each["reason"]) for each in shown]
    output = Output(as_json)
    open_groups = [group for group in cloud.log_groups() if not (group["key"] and group["retention"])]
    output.result(
        {
            "counts": dict(counts),
            "properties": shown,
            "open_log_groups": open_groups,
            "stale": (stale := cloud.stale()),
        },
        table(("stack", "resource", "property", "status", "why"), rows),
    )
    output.note(f"{counts['applied']} applied, {counts['recorded']} recorded only, {counts['refused']} refused")
    for group in open_groups:
        lacks = [word for word, given in (("key", group["key"]), ("end", group["retention"])) if not given]
        output.note(f"log group {group['name']} of {group['account']} has no {' and no '.join(lacks)}")
    if stale:
        raise CommandError(stale_text(stale))


@app.command()
def check(folder: Folder, *, as_json: Json = False) -> None:
    """Say what awaits the templates (*.json, *.yaml, *.yml) of a folder: refused, recorded only, or read back."""
    cloud, output = LocalCloud(), Output(as_json)
    cloud.running()
    files = sorted(file for file in folder.rglob("*") if file.suffix in {".json", ".yaml", ".yml"})
    found: list[dict[str, Any]] = []
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace")
        if re.search(r"""^\s*["']?Resources["']?\s*:""", text, re.MULTILINE) and "AWS::" in text:
            try:
                found += [{"file": str(file.relative_to(folder)), **line} for line in cloud.preview(text)]
            except LocalCloudError as error:
                output.note(f"{file}: {error}")
    counts = Counter[str]()
    merged = Counter[tuple[str, str, str, str]]()
    for line in found:
        counts[line["outlook"]] += line["times"]
        merged[line["outlook"], line["type"], line["path"], line["reason"]] += line["times"]
    rows = [(*key[:3], str(times), key[3]) for key, times in sorted(merged.items(), reverse=True) if key[0] != "read"]
    output.result(
        {"templates": len({line["file"] for line in found}), "counts": dict(counts), "properties": found},
        table(("outlook", "type", "property", "times", "why"), rows),
    )
    output.note(f"{counts['read']} read back, {counts['recorded']} recorded only, {counts['refused']} refused")


@app.command()
def down(*, as_json: Json = False) -> None:
    """Stop the local cloud, and remove all it held."""
    output = Output(as_json)
    with output.progress("stopping the local cloud"):
        stopped = LocalCloud().down()
    output.result({"stopped": stopped}, "The local cloud is down." if stopped else "No local cloud was up.")


@app.command()
def env(
    account: Annotated[
        str | None, typer.Option(callback=_account, help="Account to be in, 12 digits; without it, the cloud's own.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Print the variables that lead SDKs and the CDK CLI to the local cloud, for a shell's eval."""
    variables = LocalCloud().running().environment(account)
    if as_json:
        Output(as_json).result(variables, "")
        return
    for name, value in variables.items():
        typer.echo(f"export {name}={shlex.quote(value)}")


def _as_json(running: Running) -> dict[str, Any]:
    return {
        "up": True,
        "endpoint": running.endpoint,
        "pid": running.pid,
        "account": running.account,
        "region": running.region,
        "account_profile": running.profile,
    }
