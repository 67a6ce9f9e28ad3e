"""What the local cloud changes in MiniStack: a declared list of hooks, installed in its order."""

import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from localcloud import alarms, wire
from localcloud.autoscaling import AutoScaling
from localcloud.builds import Builds
from localcloud.cloudformation import autoscaling as scaling_types
from localcloud.cloudformation import cfnresponse, code_artifact, custom, recorded
from localcloud.cloudformation import sagemaker as sagemaker_types
from localcloud.hooks import (
    apis,
    buckets,
    builds,
    cloudformation,
    credentials,
    events,
    functions,
    identity,
    networks,
    places,
    services,
    states,
    telemetry,
    templates,
)
from localcloud.host import MiniStackHost
from localcloud.images import Images
from localcloud.integrations import SageMakerTasks, integrations
from localcloud.quotas import Quotas
from localcloud.sagemaker.service import SageMaker
from localcloud.service_quotas import ServiceQuotas

DEPENDENCY_SECONDS = 900  # CloudFormation waits so long for a subnet or a security group that is in use
POLL_SECONDS = 4.0  # the CDK CLI asks for a stack every 5 s


class HookError(Exception):
    """A hook that does not fit the MiniStack that is installed."""


@dataclass(frozen=True)
class Hook:
    """A change to MiniStack: what it is for, and how it is made."""

    purpose: str
    install: Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What hooks connect MiniStack to. `refuse` gets resources of unknown types, and words why they are refused."""

    root: Path
    endpoint: str
    time_scale: float
    host: MiniStackHost
    images: Images
    sagemaker: SageMaker
    quotas: Quotas
    refuse: Callable[[Mapping[str, str]], str]


def hooks(parts: Parts) -> Sequence[Hook]:
    """Return every hook; one that wraps what another has changed comes after it."""
    sagemaker, scale = parts.sagemaker, parts.time_scale
    scaling = AutoScaling(parts.host, sagemaker)
    tasks = SageMakerTasks(sagemaker, parts.host, identity.trusts_service)
    builder = Builds(parts.endpoint, parts.images, parts.root / "work" / "builds")
    control_plane = wire.control_plane(scaling.call)

    def evaluate(alarm: alarms.Alarm, points: Sequence[alarms.Point], now: float) -> alarms.AlarmState:
        return alarms.evaluate(dataclasses.replace(alarm, period=alarm.period / scale), points, now)

    return (
        Hook("other containers of the machine are left alone", services.leave_containers_alone),
        Hook("a bucket with objects in it is not deleted", buckets.keep_filled_buckets),
        Hook("buckets keep their tags", buckets.keep_tags),
        Hook("network interfaces are found by filter", networks.filter_interfaces),
        Hook(
            "networks that are in use stay",
            lambda: networks.keep_what_is_in_use(DEPENDENCY_SECONDS / scale),
        ),
        Hook("SageMaker", lambda: services.register("sagemaker", "SageMaker", wire.sagemaker(sagemaker))),
        Hook(
            "Application Auto Scaling",
            lambda: services.register("application-autoscaling", "AnyScaleFrontendService", control_plane),
        ),
        Hook(
            "Service Quotas",
            lambda: services.register(
                "servicequotas",
                "ServiceQuotasV20190624",
                wire.control_plane(ServiceQuotas(parts.host, parts.quotas).call),
            ),
        ),
        Hook("services that are not there are refused by name", services.refuse_other_services),
        Hook("types that are recorded and not created", recorded.register),
        Hook("types of CodeArtifact", code_artifact.register),
        Hook("types of SageMaker", lambda: sagemaker_types.register(sagemaker)),
        Hook("types of Application Auto Scaling", lambda: scaling_types.register(scaling)),
        Hook("custom resources", custom.register),
        Hook("templates are refused as AWS refuses them", templates.check_templates),
        Hook("conditions know pseudo parameters", templates.use_pseudo_parameters),
        Hook("a service role must trust CloudFormation", templates.check_service_roles),
        Hook("an export has one stack", templates.keep_exports_unique),
        Hook("answers of custom resources have a limit", templates.limit_answers),
        Hook("unknown types are refused by name", lambda: cloudformation.watch_refusals(parts.refuse)),
        Hook("a stack is described when it has settled", lambda: cloudformation.answer_when_settled(POLL_SECONDS)),
        Hook("builds run on this machine", lambda: builds.use_builder(builder.run)),
        Hook("a custom resource's provider that fails is reported", cloudformation.report_failed_providers),
        Hook("signatures of the root user are verified", identity.verify_root_signatures),
        Hook("who has not signed is nobody", credentials.leave_nobody_a_name),
        Hook("loopback passes for TLS in policies", credentials.take_loopback_for_tls),
        Hook("builds are authorized by project", identity.authorize_builds_by_project),
        Hook("requests from a VPC have the condition keys of its endpoint", places.tell_places),
        Hook("a signature counts for one service and region only", apis.require_scope),
        Hook("an API validates requests", apis.validate_requests),
        Hook("an API writes access logs", apis.write_access_logs),
        Hook("builds keep their log groups", builds.keep_log_groups),
        Hook("functions use their own packages", functions.use_own_packages),
        Hook(
            "functions with their source in a template have cfnresponse",
            lambda: functions.put_beside_inline_sources({"cfnresponse.py": inspect.getsource(cfnresponse)}),
        ),
        Hook("state machines run tasks on SageMaker", lambda: states.run_tasks(tasks.allow, integrations(tasks))),
        Hook("waits of state machines are scaled", lambda: states.scale_waits(scale)),
        Hook("executions that were stopped are kept", states.keep_stopped_executions),
        Hook("executions are checked when they are started", states.check_executions),
        Hook("log streams are chosen by their prefix", telemetry.choose_streams),
        Hook("entries of PutEvents are checked", events.check_entries),
        Hook("alarms are evaluated as CloudWatch does", lambda: telemetry.use_alarm_evaluation(evaluate)),
    )


def install(parts: Parts) -> None:
    """Install every hook; `HookError` names the one that does not fit."""
    for hook in hooks(parts):
        try:
            hook.install()
        except (AttributeError, ImportError, KeyError, TypeError) as error:
            raise HookError(f"The installed MiniStack does not take this hook: {hook.purpose} ({error})") from error
