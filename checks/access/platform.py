"""Keys, buckets, network, images, logs and the account around them: what could be done, and who may."""

from collections.abc import Iterator, Sequence

from checks.access.operation import JOB_LOGS, SAGEMAKER, Operation, job_kinds, keeping_logs, log_owners
from checks.access.rights import ENCRYPT, KEPT_LOGS, LOGIN, OWN_LOG, READ, TRACED
from checks.access.trained import Trained
from checks.access.workload import Workload, workload

SECURITY_GROUP = "arn:aws:ec2:{region}:{account}:security-group/sg-0123456789abcdef0"  # pragma: allowlist secret


def images(systems: Sequence[Trained]) -> list[str]:
    """Return the names of the images that systems are trained with."""
    return sorted({system.image for system in systems})


def stacks(systems: Sequence[Trained]) -> list[str]:
    """Return the stacks that have outputs and templates which people look at."""
    own = [stack for system in systems for stack in (system.training, system.serving) if stack]
    return ["storage", "network", *dict.fromkeys(own), "studio"]


def operations(systems: Sequence[Trained]) -> Iterator[Operation]:
    """Yield what could be done to what all systems share, and to the account."""
    for name in images(systems):
        yield Operation(f"pull the {name} image", "ecr:BatchGetImage", f"{{{name}_image}}")
        yield Operation(f"push the {name} image", "ecr:PutImage", f"{{{name}_image}}")
    for stack in stacks(systems):
        stack_arn = f"{{{stack}_stack}}"
        yield Operation(f"see the state of the stack {stack}", "cloudformation:DescribeStacks", stack_arn)
        yield Operation(f"read the template of the stack {stack}", "cloudformation:GetTemplate", stack_arn)
    yield from _logs()
    yield from _buckets_and_keys()
    yield from _network()
    yield from _work()
    yield from _account()


def _logs() -> Iterator[Operation]:
    for kind in log_owners():
        yield Operation(f"write logs of {kind}", "logs:PutLogEvents", f"{JOB_LOGS}/{kind}:log-stream:s")
        namespace = {"cloudwatch:namespace": f"/aws/sagemaker/{kind}"}
        yield Operation(f"publish metrics of {kind}", "cloudwatch:PutMetricData", "*", namespace)
    yield Operation(
        "publish metrics of others", "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": "AWS/Billing"}
    )
    for each in job_kinds().values():
        yield from keeping_logs(each.plural, f"{JOB_LOGS}/{each.plural}")
    yield from keeping_logs("Studio", f"{JOB_LOGS}/studio")
    yield Operation("write the flow logs", "logs:PutLogEvents", "{flow_logs}")
    yield Operation("read the flow logs", "logs:GetLogEvents", "{flow_logs}")
    yield Operation("list log groups", "logs:DescribeLogGroups", "*")
    yield Operation("read logs of TrainingJobs", "logs:GetLogEvents", f"{JOB_LOGS}/TrainingJobs:log-stream:job/algo-1")
    yield Operation("write its own log", "logs:PutLogEvents", "{own_log}")
    yield Operation("trace requests", "xray:PutTraceSegments", "*")


def _buckets_and_keys() -> Iterator[Operation]:
    for bucket in ("data", "artifacts"):
        yield Operation(f"list the {bucket} bucket", "s3:ListBucket", f"arn:aws:s3:::{{{bucket}}}")
        yield Operation(f"see who may use the {bucket} bucket", "s3:GetBucketAcl", f"arn:aws:s3:::{{{bucket}}}")
    yield Operation("list the access logs", "s3:ListBucket", "arn:aws:s3:::{access_logs}")
    yield Operation("read the access logs", "s3:GetObject", "arn:aws:s3:::{access_logs}/data/log")
    yield Operation("list old versions of data", "s3:ListBucketVersions", "arn:aws:s3:::{data}")
    for verb, action in (("read", "kms:Decrypt"), ("encrypt", "kms:GenerateDataKey"), ("see", "kms:DescribeKey")):
        yield Operation(f"{verb} with the data key" if verb != "see" else "see the data key", action, "{key}")
    grant = {"kms:GrantIsForAWSResource": "true"}
    yield Operation("lend the data key to AWS services", "kms:CreateGrant", "{key}", grant)
    yield Operation("lend the data key to anybody", "kms:CreateGrant", "{key}", {"kms:GrantIsForAWSResource": "false"})
    via_table = {"kms:ViaService": "dynamodb.{region}.amazonaws.com"}
    yield Operation("read with the data key through DynamoDB", "kms:Decrypt", "{key}", via_table)
    yield Operation("see the data key through DynamoDB", "kms:DescribeKey", "{key}", via_table)
    yield Operation("encrypt with the data key through DynamoDB", "kms:GenerateDataKey", "{key}", via_table)
    sources = "arn:aws:s3:::cdk-hnb659fds-assets-{account}-{region}"
    yield Operation("see where sources are", "s3:GetBucketLocation", sources)
    yield Operation("read sources", "s3:GetObject", "{source}")


def _network() -> Iterator[Operation]:
    interface = "arn:aws:ec2:{region}:{account}:network-interface/eni-0123456789abcdef0"
    yield Operation("use the network", "ec2:CreateNetworkInterface", interface)
    yield Operation("delete its network interfaces", "ec2:DeleteNetworkInterface", interface)
    # Lambda asks for this right on every resource of the account and region: see ml_constructs/network.
    anything = "arn:aws:ec2:{region}:{account}:*/*"
    yield Operation("let Lambda keep network interfaces", "ec2:AssignPrivateIpAddresses", anything)
    yield Operation("lend network interfaces", "ec2:CreateNetworkInterfacePermission", interface)
    yield Operation("see the network", "ec2:DescribeSubnets", "*")
    yield Operation("see network interfaces", "ec2:DescribeNetworkInterfaces", "*")


def _work() -> Iterator[Operation]:
    yield Operation("send to the dead-letter queue of functions", "sqs:SendMessage", "{letters}")
    yield Operation("log in to the registry", "ecr:GetAuthorizationToken", "*")
    yield Operation("build images", "codebuild:StartBuild", "{builds}")
    yield Operation("list versions", "sagemaker:ListModelPackages", "*")
    rule = "arn:aws:events:{region}:{account}:rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule"
    yield Operation("wait for jobs", "events:PutRule", rule)
    yield Operation("deliver logs", "logs:CreateLogDelivery", "*")


def _account() -> Iterator[Operation]:
    """Yield what no workload may do."""
    yield Operation("delete published data", "s3:DeleteObject", "arn:aws:s3:::{data}/fraud/versions/v1/data.csv")
    yield Operation("delete old versions of data", "s3:DeleteObjectVersion", "arn:aws:s3:::{data}/fraud/versions/v1/x")
    yield Operation("open the data bucket", "s3:PutBucketPolicy", "arn:aws:s3:::{data}")
    yield Operation("delete the data bucket", "s3:DeleteBucket", "arn:aws:s3:::{data}")
    yield Operation("change the access logs", "s3:PutObject", "arn:aws:s3:::{access_logs}/data/log")
    yield Operation("write to a foreign bucket", "s3:PutObject", "arn:aws:s3:::somebody-elses-bucket/data.csv")
    yield Operation("read a foreign bucket", "s3:GetObject", "arn:aws:s3:::somebody-elses-bucket/data.csv")
    yield Operation("delete the data key", "kms:ScheduleKeyDeletion", "{key}")
    yield Operation("open the data key", "kms:PutKeyPolicy", "{key}")
    yield Operation("change a role", "iam:PutRolePolicy", "{any_job_role}")
    yield Operation("make a role", "iam:CreateRole", "arn:aws:iam::{account}:role/new")
    yield Operation("make a user", "iam:CreateUser", "arn:aws:iam::{account}:user/new")
    yield Operation("make an access key", "iam:CreateAccessKey", "arn:aws:iam::{account}:user/somebody")
    yield Operation("become another role", "sts:AssumeRole", "{any_job_role}")
    yield Operation("change a function", "lambda:UpdateFunctionCode", "arn:aws:lambda:{region}:{account}:function:any")
    yield Operation("open the network", "ec2:AuthorizeSecurityGroupIngress", SECURITY_GROUP)
    yield Operation(
        "make a way to the internet", "ec2:CreateInternetGateway", "arn:aws:ec2:{region}:{account}:internet-gateway/*"
    )
    yield Operation(
        "stop the audit trail", "cloudtrail:StopLogging", "arn:aws:cloudtrail:{region}:{account}:trail/audit"
    )
    yield Operation("delete flow logs", "logs:DeleteLogGroup", "{flow_log_group}")
    yield Operation(
        "open a notebook", "sagemaker:CreatePresignedNotebookInstanceUrl", f"{SAGEMAKER}:notebook-instance/n"
    )
    yield Operation("make a notebook instance", "sagemaker:CreateNotebookInstance", f"{SAGEMAKER}:notebook-instance/n")
    yield Operation("make a pipeline", "sagemaker:CreatePipeline", f"{SAGEMAKER}:pipeline/new")
    yield Operation(
        "make a state machine", "states:CreateStateMachine", "arn:aws:states:{region}:{account}:stateMachine:n"
    )
    yield Operation("change a pipeline", "sagemaker:UpdatePipeline", f"{SAGEMAKER}:pipeline/" + "{environment}-fraud")
    yield Operation(
        "read secrets", "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:{region}:{account}:secret:s-AbCdEf"
    )


def workloads(systems: Sequence[Trained], people: Sequence[str], reviewed: Sequence[str] = ()) -> Iterator[Workload]:
    """Yield the rows of the network, of image builds, and of what empties buckets.

    `reviewed` are systems whose predictions people review.
    """
    yield workload("network", "Writes the flow logs of the network", {"write the flow logs"})
    waits = {"see network interfaces", "see the state of the stack network"}
    yield workload("network", "Waits for the network interfaces of SageMaker", waits | TRACED, passing=True)
    if systems:
        built = {f"{verb} the {image} image" for verb in ("pull", "push") for image in images(systems)}
        sources = {OWN_LOG, "read sources", "see where sources are"}
        description = "Builds and pushes container images"
        yield workload("images", description, built | LOGIN | READ | ENCRYPT | sources)
        description = "Starts an image build for CloudFormation and waits for it"
        yield workload("images", description, {"build images"} | TRACED)
    emptied = {
        *(f"delete the checkpoints of {system.name}" for system in systems),
        *(f"delete files of {name}" for name in people),
        *(f"delete predictions of {name} for review" for name in reviewed),
        "delete the data that is to be labeled",
        "delete what people answer",
        "delete published data",
        "list old versions of data",
        "delete old versions of data",
        "see the state of the stack storage",
    }
    yield workload("storage", "Empties buckets with their stack", emptied | TRACED, passing=True)
    kept = {f"{verb} the logs of {kind.plural}" for verb in (*KEPT_LOGS, "leave") for kind in job_kinds().values()}
    studio = {f"{verb} the logs of Studio" for verb in (*KEPT_LOGS, "leave")}
    description = "Gives the log groups of SageMaker a key and an end"
    yield workload("storage", description, (kept if systems else set()) | studio | {"list log groups"} | TRACED)
