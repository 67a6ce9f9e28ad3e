"""What of an account would stop a deployment, or would be lost or left by it: asked before, through AWS's APIs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from account.singletons import API_SETTINGS, SERVICES_MONITOR
from mdlc import capacity
from mdlc.client.aws import Cloud
from mdlc.cost.assembly import Properties, Stacks, resources


@dataclass(frozen=True)
class Finding:
    """What was found, and what to do; one that `stops` makes the deployment fail, or a job or endpoint after it."""

    about: str
    text: str
    stops: bool


def findings(stacks: Stacks, cloud: Cloud) -> Iterator[Finding]:
    """Yield what an account has or lacks that the templates of an environment do not go with.

    Its caller needs `servicequotas:ListServiceQuotas`, `ce:GetAnomalyMonitors`, `apigateway:GET` on the account,
    `ec2:DescribeAvailabilityZones`, `ec2:DescribeVpcEndpointServices`, `logs:DescribeLogGroups` and the reading rights
    of CloudFormation.
    """
    own = set(cloud.physical_ids(stacks.environment).values())
    yield from _quotas(stacks, cloud)
    yield from _monitors(stacks, cloud, own)
    yield from _api_role(stacks, cloud, own)
    yield from _zones(stacks, cloud)
    yield from _left(stacks, cloud)
    yield from _log_groups(stacks, cloud)
    yield from _taken_back(stacks, cloud)


def _client(cloud: Cloud, service: str) -> Any:  # noqa: ANN401 - a client of boto3
    connect: Any = cloud.session.client
    return connect(service, endpoint_url=cloud.endpoint)


def _of(stacks: Stacks, kind: str) -> list[Properties]:
    return [found for template in stacks.templates.values() for found in resources(template, kind).values()]


def _quotas(stacks: Stacks, cloud: Cloud) -> Iterator[Finding]:
    has = capacity.read_quotas(cloud)
    for need in capacity.needs(stacks):
        if has.get(need.quota, 0) < need.count:
            text = f"needs {need.count} and the account has {has.get(need.quota, 0):g}: request an increase"
            yield Finding("quota", f"'{need.quota}' {text} in Service Quotas.", stops=True)


def _monitors(stacks: Stacks, cloud: Cloud, own: set[str]) -> Iterator[Finding]:
    wanted = {each.get(SERVICES_MONITOR.distinct_by) for each in _of(stacks, SERVICES_MONITOR.type)}
    if not wanted:
        return
    for monitor in _client(cloud, "ce").get_anomaly_monitors()["AnomalyMonitors"]:
        arn = monitor["MonitorArn"]
        if monitor.get(SERVICES_MONITOR.distinct_by) in wanted and arn not in own:
            text = f"the account has a monitor of its services, and no second can be made: name {arn}"
            yield Finding("monitor", f"{text} in Spending(monitor=...) of {stacks.environment}.", stops=True)


def _api_role(stacks: Stacks, cloud: Cloud, own: set[str]) -> Iterator[Finding]:
    if not _of(stacks, API_SETTINGS.type):
        return
    role = _client(cloud, "apigateway").get_account().get("cloudwatchRoleArn")
    if role and role.rpartition("/")[2] not in own:
        text = f"API Gateway writes the logs of the region's APIs as {role}, which {stacks.environment} replaces"
        yield Finding("api", f"{text}: destroyed, it takes the logs of the other APIs along.", stops=False)


def _zones(stacks: Stacks, cloud: Cloud) -> Iterator[Finding]:
    wanted = {str(each["AvailabilityZone"]) for each in _of(stacks, "AWS::EC2::Subnet") if "AvailabilityZone" in each}
    if not wanted:
        return
    ec2 = _client(cloud, "ec2")
    there = {each["ZoneName"] for each in ec2.describe_availability_zones()["AvailabilityZones"]}
    for zone in sorted(wanted - there):
        text = f"the account has no zone {zone}: it has {', '.join(sorted(there))}"
        yield Finding("zone", f"{text}. Name its own in zones=(...) of {stacks.environment}.", stops=True)
    yield from _services(stacks, ec2)


def _services(stacks: Stacks, ec2: Any) -> Iterator[Finding]:  # noqa: ANN401 - a client of boto3
    """Yield interface endpoints whose service has no address in a zone of their subnets."""
    wanted: dict[str, set[str]] = {}
    for template in stacks.templates.values():
        subnets = resources(template, "AWS::EC2::Subnet")
        for endpoint in resources(template, "AWS::EC2::VPCEndpoint").values():
            if isinstance(name := endpoint.get("ServiceName"), str):
                named = {str(each.get("Ref")) for each in endpoint.get("SubnetIds", ()) if isinstance(each, dict)}
                zones = {str(subnets[each]["AvailabilityZone"]) for each in named & subnets.keys()}
                wanted.setdefault(name, set()).update(zones)
    if not any(wanted.values()):
        return
    pages = ec2.get_paginator("describe_vpc_endpoint_services").paginate()
    offered = {each["ServiceName"]: set(each["AvailabilityZones"]) for page in pages for each in page["ServiceDetails"]}
    for name, zones in sorted(wanted.items()):
        if name not in offered:
            yield Finding(
                "endpoint", f"{name} is no service of {stacks.region} that the account can reach.", stops=True
            )
        elif lacking := sorted(zones - offered[name]):
            text = f"{name} has no address in {', '.join(lacking)}"
            yield Finding("endpoint", f"{text}: choose among {', '.join(sorted(offered[name]))}.", stops=True)


def _left(stacks: Stacks, cloud: Cloud) -> Iterator[Finding]:
    environment = stacks.environment
    declared = {f"{environment}-{name}" for name in stacks.templates}
    for name in sorted(set(cloud.stack_names(f"{environment}-")) - declared):
        text = f"{name} is deployed, and the templates have no such stack: it stays, and goes on costing"
        yield Finding("stack", f"{text}, until aws cloudformation delete-stack --stack-name {name}.", stops=False)


def _log_groups(stacks: Stacks, cloud: Cloud) -> Iterator[Finding]:
    """Yield log groups that SageMaker made without a key or an end, or that lost the key of another environment."""
    names = {name for each in _of(stacks, "Custom::LogGroups") for name in str(each["Names"]).split(",")}
    names |= {str(each["LogGroupName"]) for each in _of(stacks, "Custom::EndpointEnd") if "LogGroupName" in each}
    if not names or f"{stacks.environment}-storage" not in cloud.stack_names(f"{stacks.environment}-"):
        return
    pages = _client(cloud, "logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix="/aws/sagemaker/")
    for group in (each for page in pages for each in page["logGroups"] if each["logGroupName"] in names):
        name = group["logGroupName"]
        if "kmsKeyId" not in group:
            command = f"aws logs associate-kms-key --log-group-name {name} --kms-key-id"
            yield Finding("logs", f"{name} has no key: {command} ARN of LogKey in the stack storage.", stops=False)
        if "retentionInDays" not in group:
            command = f"aws logs put-retention-policy --log-group-name {name} --retention-in-days"
            yield Finding("logs", f"{name} never ends: {command} 365.", stops=False)


def _taken_back(stacks: Stacks, cloud: Cloud) -> Iterator[Finding]:
    """Yield stacks whose first deployment failed, and which the next cannot delete to make them anew."""
    pages = cloud.cloudformation.get_paginator("describe_stacks").paginate()
    for stack in (each for page in pages for each in page["Stacks"]):
        name = stack["StackName"]
        if (
            name.startswith(f"{stacks.environment}-")
            and stack["StackStatus"] == "ROLLBACK_COMPLETE"
            and stack.get("EnableTerminationProtection")
        ):
            command = "aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name"
            text = f"{name} was taken back, and its protection keeps the next deployment from making it anew"
            yield Finding("stack", f"{text}: {command} {name}.", stops=True)


def stale_text(stale: Sequence[Mapping[str, str]]) -> str:
    """Say which stacks have old values, the first with its reference, and what to do."""
    first, names = stale[0], sorted({each["stack"] for each in stale})
    command = f"cdk deploy --tags deployed=again {' '.join(names)}"
    now = f"is {first['now']}" if first["now"] else "is gone"
    return (
        f"{', '.join(names)}: deployed before an output changed that they read. {first['stack']} has"
        f" {first['deployed_with']}, and {first['output']} of {first['of']} {now}: {command}"
    )
