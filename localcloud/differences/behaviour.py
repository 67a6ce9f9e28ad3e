"""What acts otherwise than on AWS, by the part of the platform that it is met in, and the test that shows it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Difference:
    """One sentence on what happens here, and a test as `path::name`; no test where there is nothing to see."""

    part: str
    here: str
    shown_by: str | None = None


BEHAVIOUR: Final = (
    Difference("Network", "Nothing is routed or blocked: networks are records, and processes share this machine's."),
    Difference(
        "Network",
        "Policies of endpoints are not evaluated when a request is made; `make access` judges them. Bucket policies are"
        " evaluated, and what jobs and functions in a network ask has the keys of its S3 endpoint.",
    ),
    Difference(
        "Jobs",
        "Pipe mode and compressed channels are refused: File and FastFile are there.",
        "tests/localsagemaker/kernel/test_members.py::test_what_is_refused_is_named_and_nothing_begins",
    ),
    Difference(
        "Jobs",
        "Without a container engine an image runs as a process in a virtual environment made from the image's lock,"
        " with this machine's base and libraries. The output says which was used.",
        "tests/localsagemaker/images/test_images.py::test_an_image_says_what_it_runs_on",
    ),
    Difference(
        "Jobs",
        "Spot instances are taken away when `mdlc local interrupt` says so, not by a market, and have no price.",
        "tests/localsagemaker/jobs/test_spot.py::test_an_interrupted_job_starts_again_with_its_checkpoints",
    ),
    Difference("Jobs", "No instance is behind an instance type: each has this machine's cores, memory and no GPU."),
    Difference("Endpoints", "Several instances of a variant are one process, and autoscaling is a record."),
    Difference("Endpoints", "Waits of a roll-out (canary, baking) and periods of alarms are divided by 60."),
    Difference(
        "Studio", "There is no user interface. Apps come and go in the documented order, and run no application."
    ),
    Difference(
        "Studio",
        "Lifecycle scripts run in a copy of this machine without cron, where `systemctl` notes what it is told and"
        " there is one user; where Linux allows no such copy, their log says that they were not run.",
        "tests/localsagemaker/studio/test_scripts.py::test_where_no_script_can_run_the_log_says_so",
    ),
    Difference(
        "Experiments",
        "MLflow keeps runs, metrics, parameters, tags and data sets; no traces, logged models or registry.",
    ),
    Difference(
        "Feature store",
        "Records are in S3 after a second, not after 15 minutes; there is no Iceberg and no in-memory store.",
    ),
    Difference(
        "CloudWatch",
        "Of SageMaker's own metrics these are published: what `MetricDefinitions` find in logs of training, executions"
        " and steps of pipelines, and Invocations, InvocationsPerInstance, Invocation4XXErrors, Invocation5XXErrors,"
        " InvocationModelErrors, ModelLatency and OverheadLatency of endpoints.",
        "tests/localsagemaker/jobs/test_jobs.py::test_metrics_of_training_reach_cloudwatch_with_the_right_of_the_role",
    ),
    Difference(
        "CloudWatch",
        "CPUUtilization, MemoryUtilization, DiskUtilization, GPUUtilization and GPUMemoryUtilization of jobs (by Host)"
        " and endpoints are not published, as no instance is behind an instance type; nor are"
        " ConcurrentRequestsPerModel, ContainerLatency of inference pipelines, and metrics of the feature store"
        " (ConsumedReadRequestsUnits, ConsumedWriteRequestsUnits, Invocations, Operation4XXErrors, Operation5XXErrors,"
        " ThrottledRequests, Latency).",
    ),
    Difference(
        "CloudWatch",
        "Of other services Lambda publishes metrics, and SQS how many messages are visible, not visible and delayed: an"
        " alarm on others of AWS/SQS, or on AWS/SNS, AWS/DynamoDB, AWS/ApiGateway, AWS/States, AWS/Events, AWS/S3 or"
        " AWS/Cognito has no data here.",
        "tests/localcloud/hooks/messages/test_queue_depths.py::test_an_alarm_tells_of_a_dead_letter",
    ),
    Difference(
        "State machines", "Waits and pauses between attempts are divided by 60; time-outs and heartbeats are not."
    ),
    Difference(
        "State machines",
        "There is no `TestState`, and tracing and keys of machines are recorded only. An execution that is redriven"
        " goes on with the outermost state that failed: of a Map or Parallel AWS runs only what had failed in it.",
        "tests/localcloud/states/test_service.py::test_a_failed_execution_goes_on_where_it_failed",
    ),
    Difference(
        "State machines",
        "Executions are kept until the cloud goes down, not for 90 days; of one that has ended its history is.",
        "tests/localcloud/states/test_histories.py::test_what_has_ended_keeps_its_history_alone",
    ),
    Difference("State machines", "An intrinsic function takes null from a path, not in words."),
    Difference(
        "Account",
        "AWS publishes no request rates, so there are none: `mdlc local fail` throttles requests on purpose.",
        "tests/localcloud/test_fault_gate.py::test_a_client_reads_the_services_own_error",
    ),
    Difference(
        "Account",
        "Of a stack's role it is judged what it may read of other stacks and which roles it may pass; what it may do"
        " with a type of resource is not: AWS keeps those lists in its registry.",
        "tests/localcloud/hooks/callers/test_service_role.py::test_a_role_that_may_not_pass_another_fails_the_resource",
    ),
    Difference(
        "Account",
        "All services answer at one address: a host that has no name inside a closed network is refused when the"
        " network is synthesized, not when it is called.",
        "tests/account/test_hosts.py::test_every_host_but_that_of_mlflow_apps_has_a_name_inside",
    ),
    Difference(
        "Account",
        "Zones are those of a region, with a service in each: which an account has, and which a service lacks, only the"
        " account knows, and `mdlc doctor` asks it.",
        "tests/localcloud/hooks/stacks/test_cloudformation.py::test_a_subnet_is_in_a_zone_that_there_is",
    ),
    Difference(
        "Account",
        "What services do in their callers' names is done for scaling and for alarms of roll-outs; other services use"
        " their own rights here.",
        "tests/localsagemaker/test_autoscaling.py::test_alarms_of_policies_are_deleted_in_the_caller_s_name",
    ),
    Difference(
        "Account",
        "Quotas by instance type of a new account are those that people observed: AWS publishes none.",
        "tests/localcloud/test_account_profile.py::test_a_new_account_asks_for_more_and_has_it",
    ),
    Difference(
        "CloudFormation",
        "Of properties it is judged whether the type has them, needs them, and takes their kind and enumerations; of"
        " patterns, lengths and ranges those that botocore's model has for the member of the request that is called"
        " like the property.",
        "tests/localcloud/template/test_properties.py::test_properties_that_a_type_does_not_take",
    ),
    Difference(
        "CloudFormation",
        "Key pairs, images and hosted zones that a parameter names are not looked up; networks, subnets and security"
        " groups are.",
        "tests/localcloud/hooks/stacks/test_templates.py::test_a_parameter_names_what_is_there",
    ),
    Difference(
        "IAM",
        "Users and roles that a policy names must be there; accounts and services that it names are not looked up, and"
        " neither are names of actions.",
        "tests/localcloud/test_policy_documents.py::test_trust_that_is_none",
    ),
    Difference(
        "Account",
        "Names in ARNs of SageMaker keep their case: AWS documents nothing else, and users report lower case in ARNs of"
        " endpoints and models (yet-another-cloudwatch-exporter#1178); tags are found by either.",
    ),
    Difference("Account", "Cost, latency and durability are not those of AWS."),
)
