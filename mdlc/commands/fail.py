"""mdlc local fail: what goes wrong in the local cloud on purpose."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from localcloud.faults.kinds import Kind
from localcloud.faults.resources import Moment
from localcloud.lifecycle import LocalCloud, LocalCloudError
from mdlc.commands.options import Json, finite
from mdlc.errors import InputError
from mdlc.output import Output


class _RequestsByDefault(TyperGroup):
    """Takes what is no command of its own for an operation whose requests fail."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - click's
        """Find the command that the words name."""
        known = bool(args) and (args[0] in self.commands or args[0].startswith("-"))
        return super().resolve_command(ctx, args if known else ["requests", *args])


app = typer.Typer(
    name="fail", cls=_RequestsByDefault, help="What goes wrong in the local cloud on purpose.", no_args_is_help=True
)


@app.command()
def requests(  # noqa: PLR0913 - a command's options; typer calls it by name
    operation: Annotated[
        str,
        typer.Argument(
            metavar="OPERATION",
            help="CreateTrainingJob of SageMaker's, s3:PutObject of another's, or a whole service: s3.",
        ),
    ],
    kind: Annotated[
        Kind,
        typer.Option(
            "--with",
            help="An error in the service's own words; timeout: nothing is done, and no answer comes; lost: it is done,"
            " and no answer comes.",
        ),
    ] = Kind.ERROR,
    times: Annotated[
        int | None, typer.Option(min=1, max=999_999, help="How many of the next requests; without --for, 1.")
    ] = None,
    seconds: Annotated[float | None, typer.Option("--for", callback=finite, help="For so many seconds.")] = None,
    by: Annotated[str, typer.Option(help="Only requests of callers that have this in their ARN, such as a role.")] = "",
    *,
    as_json: Json = False,
) -> None:
    """Let a service throttle, deny or fail requests (the word `requests` may be left out)."""
    _order(lambda cloud: cloud.fail(operation, kind, times=times, seconds=seconds, by=by))
    often = [] if times is None and seconds is not None else [f"the next {times or 1}"]
    long = [] if seconds is None else [f"for {seconds:g} s"]
    whose = f" by {by}" if by else ""
    asked = {"what": operation, "with": kind.value, "times": times, "seconds": seconds, "by": by}
    Output(as_json).result(asked, f"Requests of {operation}{whose} fail with {kind}: {' '.join(often + long)}.")


@app.command()
def resource(
    what: Annotated[
        str,
        typer.Argument(
            metavar="RESOURCE",
            help="STACK/LOGICALID, with or without the CDK's digest; STACK/TYPE; TYPE; or STACK for its end, when all"
            " of its resources are there.",
        ),
    ],
    at: Annotated[Moment, typer.Option(help="When it fails.")] = Moment.CREATE,
    times: Annotated[int, typer.Option(min=1, max=999_999, help="How many times.")] = 1,
    *,
    as_json: Json = False,
) -> None:
    """Let a resource of a stack fail once it is created or updated, or before it is deleted."""
    _order(lambda cloud: cloud.fail_resource(what, at, times))
    often = "once" if times == 1 else f"{times} times"
    Output(as_json).result({"what": what, "at": at.value, "times": times}, f"{what} fails at {at}, {often}.")


@app.command("late-log")
def late_log(
    bucket: Annotated[str, typer.Argument(metavar="BUCKET", help="One that other buckets write their access logs to.")],
    *,
    as_json: Json = False,
) -> None:
    """Let access logs arrive in a bucket while its stack is deleted, as S3 delivers them hours late."""
    _order(lambda cloud: cloud.deliver_late(bucket))
    Output(as_json).result({"bucket": bucket}, f"Access logs arrive in {bucket} while its stack is deleted.")


@app.command()
def clear(*, as_json: Json = False) -> None:
    """End all that goes wrong on purpose."""
    _order(LocalCloud.clear_faults)
    Output(as_json).result({"cleared": True}, "Nothing fails on purpose any more.")


def _order(give: Any) -> None:  # noqa: ANN401 - a function of the local cloud
    cloud = LocalCloud()
    cloud.running()
    try:
        give(cloud)
    except LocalCloudError as error:
        raise InputError(str(error)) from None


def words(fault: dict[str, Any]) -> str:
    """Say of a fault what it does, and how often or how long yet."""
    left = [
        *([f"{fault['times']} more times"] if fault["times"] is not None else []),
        *([f"{fault['seconds']:g} s more"] if fault["seconds"] is not None else []),
    ]
    whose = f" by {fault['by']}" if fault["by"] else ""
    return ", ".join([f"{fault['what']}{whose} fails with {fault['with']}", *left])
