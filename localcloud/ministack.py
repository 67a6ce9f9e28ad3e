"""What the local cloud changes in MiniStack: a declared list of hooks, installed in its order."""

import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from account.quotas import Profile
from localcloud import alarms, wire
from localcloud.autoscaling import AutoScaling
from localcloud.builds import Builds
from localcloud.cloudformation import autoscaling as scaling_types
from localcloud.cloudformation import (
    bucket,
    bucket_deployment,
    cfnresponse,
    code_artifact,
    custom,
    dropped,
    recorded,
    users,
)
from localcloud.cloudformation import cost_explorer as cost_types
from localcloud.cloudformation import sagemaker as sagemaker_types
from localcloud.cloudformation.state_machine import StateMachineType
from localcloud.cost_explorer import CostExplorer
from localcloud.faults.late_logs import LateLogs
from localcloud.faults.resources import ResourceFaults
from localcloud.hooks import (
    api_account,
    apis,
    data_streams,
    fifo_topics,
    generated_secrets,
    metric_store,
    network_checks,
    networks,
    parameters,
    schedules,
    secret_names,
    secret_references,
    secret_versions,
    tables,
    telemetry,
)
from localcloud.hooks.callers import (
    condition_keys,
    credentials,
    federation,
    identity,
    policies,
    regions,
    service_role,
    sessions,
)
from localcloud.hooks.compute import (
    asynchronous,
    builds,
    concurrency,
    event_filters,
    event_sources,
    failures,
    function_logs,
    function_settings,
    functions,
    glue_jobs,
    images,
    states,
    stream_sources,
)
from localcloud.hooks.kms import (
    encrypted_data,
    encrypted_deliveries,
    encrypted_functions,
    encrypted_logs,
    encrypted_objects,
    encrypted_secrets,
    foreign_keys,
    grants,
    managed_keys,
)
from localcloud.hooks.messages import (
    events,
    notifications,
    queue_queries,
    queue_waits,
    queues,
    receipts,
    subscriptions,
    traces,
)
from localcloud.hooks.messages.queue_depths import QueueDepths
from localcloud.hooks.requests import buses, models, own_ids, refusals, services, words
from localcloud.hooks.rest_apis import defaults, documents, key_sources, mapping
from localcloud.hooks.rest_apis import templates as rest_api_templates
from localcloud.hooks.rest_apis import wire as rest_apis
from localcloud.hooks.s3 import (
    access_logs,
    bucket_metrics,
    bucket_settings,
    buckets,
    object_conditions,
    object_defaults,
    object_errors,
    object_lists,
    pages,
    uploads,
    versions,
)
from localcloud.hooks.stacks import (
    change_sets,
    cleanups,
    cloudformation,
    descriptions,
    exports,
    failing_resources,
    macros,
    nested,
    places,
    references,
    resource_checks,
    templates,
)
from localcloud.hooks.stacks.read_back import ReadBack
from localcloud.host import MiniStackHost
from localcloud.service_catalog import ServiceCatalog
from localcloud.service_quotas import ServiceQuotas
from localcloud.state_roles import StateRoles
from localcloud.states.sagemaker_tasks import SageMakerTasks
from localcloud.states.service import StepFunctions
from localsagemaker.images import Images
from localsagemaker.kernel.host import Caller, Scope
from localsagemaker.quotas import Quotas
from localsagemaker.service import SageMaker

DEPENDENCY_SECONDS = 900  # CloudFormation waits so long for a subnet or a security group that is in use
MINUTE = 60.0
POLL_SECONDS = 4.0  # the CDK CLI asks for a stack every 5 s
STATES_THREADS = 64  # each may wait for an Express execution, or for a task of an activity


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
    read_back: ReadBack
    resource_faults: ResourceFaults
    late_logs: LateLogs


def hooks(parts: Parts) -> Sequence[Hook]:
    """Return every hook; one that wraps what another has changed comes after it."""
    sagemaker, scale = parts.sagemaker, parts.time_scale
    scaling = AutoScaling(parts.host, sagemaker)
    depths = QueueDepths(scale)
    costs = CostExplorer(parts.host, parts.quotas.profile)
    machines = _step_functions(parts)
    state_machines = StateMachineType(machines)
    state_wire = wire.control_plane(machines.call, ThreadPoolExecutor(STATES_THREADS, "states"))
    builder = Builds(parts.endpoint, parts.images, parts.root / "work" / "builds")
    control_plane = wire.control_plane(scaling.call)

    def evaluate(alarm: alarms.Alarm, points: Sequence[alarms.Point], now: float) -> alarms.AlarmState:
        return alarms.evaluate(dataclasses.replace(alarm, period=alarm.period / scale), points, now)

    return (
        Hook("other containers of the machine are left alone", services.leave_containers_alone),
        Hook("a bucket with objects in it is not deleted", buckets.keep_filled_buckets),
        Hook("buckets keep their tags", buckets.keep_tags),
        Hook("buckets are made with their ARN", buckets.tell_arns),
        Hook("blocks of public access have four switches", buckets.tell_every_block),
        Hook("versions have AWS's ids, and are missed", versions.tell_versions),
        Hook("versions and uploads are listed page by page", pages.page_by_key_and_id),
        Hook("settings of buckets that AWS refuses are refused", bucket_settings.refuse_settings),
        Hook("writes under a condition are judged as AWS does", object_conditions.judge_conditions),
        Hook("objects have AWS's type, encryption and checksum", object_defaults.give_objects_defaults),
        Hook("lists of objects have AWS's members", object_lists.complete_lists),
        Hook("objects under a key of KMS ask for it", encrypted_objects.ask_for_keys),
        Hook("log groups under a key of KMS ask for it", encrypted_logs.require_keys),
        Hook("tables, topics, queues and images under a key of KMS ask for it", encrypted_data.ask_for_keys),
        Hook("secrets and parameters under a key of KMS ask for it", encrypted_secrets.ask_for_keys),
        Hook("functions under a key of KMS ask for it", encrypted_functions.ask_for_keys),
        Hook("grants of KMS count", grants.let_grants_count),
        Hook("keys that AWS manages are described", managed_keys.describe_managed_keys),
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
        Hook("Step Functions", lambda: states.use_service(state_wire)),
        Hook(
            "Service Quotas",
            lambda: services.register(
                "servicequotas",
                "ServiceQuotasV20190624",
                wire.control_plane(ServiceQuotas(parts.host, parts.quotas).call),
            ),
        ),
        Hook(
            "Cost Explorer",
            lambda: services.register("ce", "AWSInsightsIndexService", wire.control_plane(costs.call)),
        ),
        Hook(
            "Service Catalog",
            lambda: services.register(
                "servicecatalog",
                "AWS242ServiceCatalogService",
                wire.control_plane(ServiceCatalog(parts.host, _projects_enabled(sagemaker)).call),
            ),
        ),
        Hook("services that are not there are refused by name", services.refuse_other_services),
        Hook("types that are recorded and not created", recorded.register),
        Hook("a subnet is in a zone of its region", networks.refuse_unknown_zones),
        Hook("ranges and rules of networks that EC2 refuses are refused", network_checks.refuse_wrong_ranges),
        Hook("services of interface endpoints are listed", networks.list_endpoint_services),
        Hook("types of CodeArtifact", code_artifact.register),
        Hook("types of Cost Explorer", lambda: cost_types.register(costs)),
        Hook("users of pools", users.register),
        Hook("types of SageMaker", lambda: sagemaker_types.register(sagemaker)),
        Hook("types of Application Auto Scaling", lambda: scaling_types.register(scaling)),
        Hook("state machines of templates", lambda: states.register(state_machines, state_machines.exists)),
        Hook("custom resources", custom.register),
        Hook("files of an app go to a bucket", bucket_deployment.register),
        Hook("buckets have every property of their template", bucket.register),
        Hook("FIFO topics of templates are FIFO topics", fifo_topics.make_fifo_topics),
        Hook("properties that are dropped are put by API", dropped.register),
        Hook("conditions know pseudo parameters", templates.use_pseudo_parameters),
        Hook("a service role must trust CloudFormation, and may pass the roles of resources", service_role.judge),
        Hook("a stack that was taken back can be deleted alone", cloudformation.refuse_by_state),
        Hook("an export has one stack, and stays while it is imported", exports.keep_exports),
        Hook("stacks are known by the outputs that they read", references.remember_values),
        Hook("answers of custom resources have a limit", templates.limit_answers),
        Hook("stacks tell their change set", change_sets.tell_change_sets),
        Hook("stacks are described as AWS describes them", descriptions.describe_as_aws),
        Hook("templates are changed by their macros", macros.expand),
        Hook("templates are found at each address that S3 has", templates.find_in_buckets),
        Hook("every function of templates has a short form", templates.read_short_forms),
        Hook("resources are begun in the order of AWS", templates.begin_in_the_order_of_aws),
        Hook("unknown types are refused by name", lambda: nested.watch_refusals(parts.read_back.reads, parts.refuse)),
        Hook("types that a region lacks are refused", regions.refuse_types_of_others),
        Hook("templates are refused as AWS refuses them", templates.check_templates),
        Hook("nested stacks are treated as stacks", nested.treat_as_stacks),
        Hook("every property of a resource is read back", parts.read_back.install),
        Hook("properties are those of a type, and a name is free", resource_checks.judge_resources),
        Hook("resources fail on purpose", lambda: failing_resources.fail_resources(parts.resource_faults)),
        Hook("updates tell what they delete", cleanups.tell_deletions),
        Hook("access logs of S3 arrive late", lambda: access_logs.deliver_late(parts.late_logs.buckets)),
        Hook("a stack is described when it has settled", lambda: cloudformation.answer_when_settled(POLL_SECONDS)),
        Hook("builds run on this machine", lambda: builds.use_builder(builder.run, parts.quotas.value)),
        Hook("a custom resource's provider that fails is reported", cloudformation.report_failed_providers),
        Hook("signatures of the root user are verified", identity.verify_root_signatures),
        Hook("who has not signed is nobody", credentials.leave_nobody_a_name),
        Hook("sessions end while others begin", sessions.end_while_others_begin),
        Hook("tokens of other issuers are verified", federation.verify_web_identities),
        Hook("identity pools give nothing to nobody", federation.close_identity_pools),
        Hook("routes of HTTP APIs ask for signatures", federation.ask_http_apis_for_signatures),
        Hook("loopback passes for TLS in policies", credentials.take_loopback_for_tls),
        Hook("conditions of policies know who asks", condition_keys.tell_who_asks),
        Hook("keys of other accounts", foreign_keys.use_keys_of_other_accounts),
        Hook("scripts of Glue jobs are in S3", glue_jobs.keep_scripts_in_s3),
        Hook("Glue jobs have the rights of their role", glue_jobs.run_in_role),
        Hook("builds are authorized by project", identity.authorize_builds_by_project),
        Hook("settings of Systems Manager are authorized by id", identity.authorize_settings_by_id),
        Hook("log groups are authorized by their streams", identity.authorize_logs_by_stream),
        Hook("requests from a VPC have the condition keys of its endpoint", places.tell_places),
        Hook("a signature counts for one service and region only", apis.require_scope),
        Hook("REST APIs have their models, and are reached at the edge", defaults.give_apis_defaults),
        Hook("OpenAPI documents are imported as a whole", documents.import_whole_documents),
        Hook("templates of mock integrations are rendered", mapping.render_mocks),
        Hook("requests to REST APIs are judged and answered as API Gateway's", rest_apis.serve),
        Hook("REST APIs of templates are judged as those of requests", rest_api_templates.judge_templates),
        Hook("keys of callers come from where their API says", key_sources.read_keys),
        Hook("an API keeps where it can be called, and whence its keys come", apis.keep_settings),
        Hook("an API answers at a host of its own", apis.answer_by_host),
        Hook("an API validates requests", apis.validate_requests),
        Hook("an API writes access logs", apis.write_access_logs),
        Hook(
            "an account has one role for the logs of its APIs",
            lambda: api_account.keep_settings(unset=parts.quotas.profile is Profile.NEW),
        ),
        Hook("a usage plan limits single methods", apis.throttle_methods_by_plan),
        Hook("a deployment describes its stage", apis.describe_stages_of_deployments),
        Hook("a stage limits one method by its path", apis.limit_methods_by_their_paths),
        Hook("builds keep their log groups", builds.keep_log_groups),
        Hook("images expire by the policy of their repository", lambda: images.expire(scale)),
        Hook("settings of functions that Lambda refuses are refused", function_settings.refuse_wrong_settings),
        Hook("functions use their own packages", functions.use_own_packages),
        Hook("as many functions run at once as the account may", lambda: concurrency.limit(parts.quotas.value)),
        Hook("log groups of functions are made by their role", function_logs.make_groups_by_role),
        Hook("functions report the class of their error", functions.report_errors),
        Hook("functions may answer with bytes", functions.answer_with_bytes),
        Hook("functions reach this cloud without TLS", functions.reach_the_cloud_without_tls),
        Hook("event source mappings are refused and described as Lambda's", event_sources.map_as_aws),
        Hook("event source mappings of stacks keep their tags", event_sources.keep_tags),
        Hook("filters of event sources are read as rules are", event_filters.read_as_rules),
        Hook("records of event sources have all members", event_sources.complete_records),
        Hook("streams are read as Lambda reads them", lambda: stream_sources.read_streams(scale)),
        Hook("dead letters of functions are their events", failures.use_dead_letters),
        Hook("events of rules are tried again, and become dead letters", asynchronous.take_events_of_rules),
        Hook("so are messages of topics", asynchronous.take_messages_of_topics),
        Hook("answers to events go to their destination", asynchronous.hand_answers_on),
        Hook("calls of Step Functions are authorized by resource", states.authorize_by_resource),
        Hook("rules and pipes start executions", lambda: states.start_executions(_starter(machines))),
        Hook(
            "functions with their source in a template have cfnresponse",
            lambda: functions.put_beside_inline_sources({"cfnresponse.py": inspect.getsource(cfnresponse)}),
        ),
        Hook("log streams are chosen by their prefix", telemetry.choose_streams),
        Hook("entries of PutEvents are checked", events.check_entries),
        Hook("patterns read events as EventBridge's do", events.read_events),
        Hook("events are not kept where nobody reads them", events.keep_no_log),
        Hook("input transformers give what EventBridge's give", events.transform_inputs),
        Hook("errors of Lambda say whose they are", functions.type_errors),
        Hook("errors of SNS have AWS's codes", subscriptions.use_codes),
        Hook("topics and subscriptions have AWS's attributes", subscriptions.complete_attributes),
        Hook("messages of topics arrive as AWS delivers them", notifications.deliver_as_aws),
        Hook("requests that AWS refuses are refused", refusals.refuse_what_aws_refuses),
        Hook("policies that AWS refuses are refused", policies.refuse_wrong_policies),
        Hook("ids are such as their service takes back", own_ids.keep_to_models),
        Hook("requests that break their service's model are refused", models.refuse_by_model),
        Hook("uploads and settings that AWS refuses are refused", uploads.refuse_by_path),
        Hook("buckets keep their metrics", bucket_metrics.keep_metrics),
        Hook("errors of S3 name what they are about", object_errors.tell_what_failed),
        Hook("buses are named by their ARN, too", buses.name_buses_by_arn),
        Hook("tables are described as AWS describes them", tables.describe_as_aws),
        Hook("statements of PartiQL reach streams", tables.stream_statements),
        Hook("streams have a beginning before a record", tables.begin_streams),
        Hook("a label is of one version of a secret", secret_versions.keep_labels),
        Hook("names that are none of a secret are refused", secret_names.refuse_names),
        Hook("a reference to a secret is its ARN", secret_references.refer_by_arn),
        Hook("streams are encrypted as their templates say", data_streams.encrypt_streams),
        Hook("stages of HTTP APIs keep the settings of their routes", apis.keep_route_settings),
        Hook("secrets are generated as templates ask for them", generated_secrets.generate_as_asked),
        Hook("parameters have names, and secrets are read as parameters", parameters.know_names_and_secrets),
        Hook("queues are encrypted", uploads.encrypt_queues),
        Hook("queues refuse what SQS refuses", queues.refuse_requests),
        Hook("queries of queues are read and answered whole", queue_queries.complete),
        Hook("messages carry the trace of who sends them", traces.carry_traces),
        Hook("queues that were purged or deleted wait", lambda: queue_waits.wait_as_sqs(scale)),
        Hook("queues give and take messages in SQS's order", receipts.order_and_delete),
        Hook(
            "services ask for the keys of queues and topics that they deliver to", encrypted_deliveries.ask_key_policies
        ),
        Hook("refusals are in AWS's words", words.use_own_words),
        Hook("alarms that CloudWatch refuses are refused", telemetry.refuse_alarms),
        Hook("alarms tell EventBridge of their state", telemetry.tell_of_alarms),
        Hook("rules that EventBridge refuses are refused", schedules.refuse_rules),
        Hook(
            "alarms are evaluated as CloudWatch does", lambda: telemetry.use_alarm_evaluation(evaluate, depths.points)
        ),
        Hook("a state that an alarm is set to stays for a period", lambda: telemetry.keep_set_states(scale)),
        Hook("CloudWatch knows how many messages queues have", depths.start),
        Hook("metrics are kept as CloudWatch keeps them", metric_store.keep_as_cloudwatch),
    )


def _projects_enabled(sagemaker: SageMaker) -> Callable[[Scope], bool]:
    def enabled(scope: Scope) -> bool:
        root = Caller(scope, f"arn:aws:iam::{scope.account}:root")
        return bool(sagemaker.call("GetSagemakerServicecatalogPortfolioStatus", {}, root)["Status"] == "Enabled")

    return enabled


def _step_functions(parts: Parts) -> StepFunctions:
    host = parts.host
    return StepFunctions(
        StateRoles(host, parts.endpoint),
        SageMakerTasks(parts.sagemaker, host, identity.trusts_service),
        host.put_states_event,
        host.write_log,
        parts.time_scale,
    )


def _starter(machines: StepFunctions) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    def start(request: Mapping[str, Any]) -> Mapping[str, Any]:
        account, region = identity.request_scope()
        return machines.call("StartExecution", request, Caller(Scope(account, region), f"arn:aws:iam::{account}:root"))

    return start


def install(parts: Parts) -> None:
    """Install every hook; `HookError` names the one that does not fit."""
    for hook in hooks(parts):
        try:
            hook.install()
        except (AttributeError, ImportError, KeyError, TypeError) as error:
            raise HookError(f"The installed MiniStack does not take this hook: {hook.purpose} ({error})") from error
