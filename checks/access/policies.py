"""The policies of one environment's templates, resolved: of roles, of resources, and of the network's endpoints."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from checks.resolved import Resolver, Templates
from stacks.settings import Environment as Settings

Policy = Mapping[str, Any]
POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
"""Where a role's statements are: CDK puts what exceeds 10,000 characters into managed policies of the stack's own."""
TAKEN_ON = {
    "AWS::ApiGateway::Account": ("CloudWatchRoleArn", "apigateway"),
    "AWS::CodeBuild::Project": ("ServiceRole", "codebuild"),
    "AWS::EC2::FlowLog": ("DeliverLogsPermissionArn", "vpc-flow-logs"),
    "AWS::Lambda::Function": ("Role", "lambda"),
    "AWS::StepFunctions::StateMachine": ("RoleArn", "states"),
}
"""Where resources name the role that they act with, and which service takes it on; all others are SageMaker's."""
WITHOUT_SOURCE = {"apigateway"}
"""Services that take on a role without telling for which account: AWS's own trust for them has no condition."""
RESOURCE_POLICIES = {
    "AWS::S3::BucketPolicy": ("Bucket", "arn:aws:s3:::{}"),
    "AWS::SQS::QueuePolicy": ("Queues", "{}"),
}


@dataclass(frozen=True)
class Role:
    """A role, known by its stack (without the environment's name) and by its description."""

    stack: str
    logical_id: str
    description: str
    arn: str
    statements: tuple[Policy, ...]
    """Of its identity policies."""
    tags: Mapping[str, str] = field(default_factory=dict)


class Environment:
    """The stacks of one environment of `templates`, whose names begin with its own."""

    def __init__(self, environment: Settings, templates: Templates) -> None:
        self.name, self.account, self.closed = environment.name, environment.account, environment.closed
        self._templates = {stack: body for stack, body in templates.items() if stack.startswith(f"{self.name}-")}
        self._resolve = Resolver(templates, environment.account, environment.region)

    def roles(self) -> Iterator[Role]:
        """Yield every role of the environment."""
        for stack, logical_id, resource in self._resources("AWS::IAM::Role"):
            properties = resource["Properties"]
            documents = self._documents(stack, logical_id, properties)
            statements = tuple(self._resolve(stack, each) for document in documents for each in document["Statement"])
            yield Role(
                stack=stack.removeprefix(f"{self.name}-"),
                logical_id=logical_id,
                description=self._resolve(stack, properties["Description"]),
                arn=self._resolve(stack, {"Fn::GetAtt": [logical_id, "Arn"]}),
                statements=statements,
                tags={tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])},
            )

    def _documents(self, stack: str, role: str, properties: Mapping[str, Any]) -> Iterator[Policy]:
        """Yield every policy of a role: inside of it, attached to it, and attached by it."""
        yield from (each["PolicyDocument"] for each in properties.get("Policies", []))
        for kind in POLICIES:
            for _, logical_id, policy in self._resources(kind, stack):
                given = policy["Properties"]
                attached = {"Ref": logical_id} in properties.get("ManagedPolicyArns", [])
                if attached or {"Ref": role} in _holders(given):
                    yield given["PolicyDocument"]

    def unread(self) -> Iterator[str]:
        """Yield what gives rights that no role here is known to have: what `roles` does not read."""
        yield from self._unread_roles()
        for kind in POLICIES:
            for stack, logical_id, policy in self._resources(kind):
                own = [{"Ref": name} for _, name, _ in self._resources("AWS::IAM::Role", stack)]
                for holder in _holders(policy["Properties"]):
                    if holder not in own:
                        yield f"{stack}/{logical_id} is attached to {holder}, which is no role of its stack"

    def _unread_roles(self) -> Iterator[str]:
        known: dict[tuple[str, str], list[str]] = {}
        for stack, logical_id, resource in self._resources("AWS::IAM::Role"):
            properties = resource["Properties"]
            known.setdefault((stack, str(self._resolve(stack, properties["Description"]))), []).append(logical_id)
            own = [{"Ref": name} for _, name, _ in self._resources("AWS::IAM::ManagedPolicy", stack)]
            for arn in properties.get("ManagedPolicyArns", []):
                if arn not in own:
                    yield f"{stack}/{logical_id} has the policy {arn}, which is in no template"
            if "PermissionsBoundary" in properties:
                yield f"{stack}/{logical_id} has a permissions boundary, which nobody reads"
        for (stack, description), roles in known.items():
            if len(roles) > 1:
                yield f"{stack} has {len(roles)} roles that are described as {description!r}: {', '.join(roles)}"

    def arn(self, stack: str, kind: str, prefix: str = "") -> str:
        """Return the ARN of the one resource of type `kind` in a stack whose logical id begins with `prefix`."""
        found = [id_ for _, id_, _ in self._resources(kind, f"{self.name}-{stack}") if id_.startswith(prefix)]
        if len(found) != 1:
            raise LookupError(f"{self.name}-{stack} has {len(found)} resources {kind} that begin with {prefix!r}.")
        arn: str = self._resolve(f"{self.name}-{stack}", {"Fn::GetAtt": [found[0], "Arn"]})
        return arn

    def stack(self, stack: str) -> str:
        """Return the ARN of a stack."""
        arn: str = self._resolve(f"{self.name}-{stack}", {"Ref": "AWS::StackId"})
        return arn

    def wrong_trusts(self) -> Iterator[str]:
        """Yield the roles that anybody may take on but the one service that acts with it, for this account alone."""
        services: dict[tuple[str, str], set[str]] = {}
        for kind, (member, service) in TAKEN_ON.items():
            for stack, _, resource in self._resources(kind):
                match resource["Properties"].get(member):
                    case {"Fn::GetAtt": [str(role), "Arn"]}:
                        services.setdefault((stack, role), set()).add(service)
        for stack, logical_id, resource in self._resources("AWS::IAM::Role"):
            names = services.get((stack, logical_id), {"sagemaker"})
            trust = self._resolve(stack, resource["Properties"]["AssumeRolePolicyDocument"]["Statement"])
            if len(names) > 1 or not self._trusts(trust, min(names)):
                yield f"{stack}/{logical_id} is not trusted by {min(names)}.amazonaws.com for this account alone"

    def _trusts(self, statements: Sequence[Policy], service: str) -> bool:
        """Return whether a trust is of one service, for the environment's account, and of nobody else."""
        if len(statements) != 1:
            return False
        asked = {key: value for key, value in statements[0].items() if key not in {"Condition", "Sid"}}
        said = {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}}
        source = statements[0].get("Condition", {}).get("StringEquals", {}).get("aws:SourceAccount")
        return asked == said and (source == self.account or service in WITHOUT_SOURCE)

    @property
    def source(self) -> str:
        """ARN of the source of one container image."""
        stack, _, build = next(self._resources("Custom::ContainerImage"))
        found = self._resolve(stack, build["Properties"])
        return f"arn:aws:s3:::{found['SourceBucket']}/{found['SourceKey']}"

    def log_of(self, role: Role) -> str | None:
        """Return the ARN of a stream in the log group of a role, as `XLogs` beside `XRole`; none if there is none."""
        prefix = f"{role.logical_id[: role.logical_id.rindex('Role')]}Logs"
        for stack, logical_id, _ in self._resources("AWS::Logs::LogGroup", f"{self.name}-{role.stack}"):
            if logical_id[:-8] == prefix:
                group: str = self._resolve(stack, {"Fn::GetAtt": [logical_id, "Arn"]})
                return f"{group.removesuffix('*')}log-stream:s"
        return None

    def resource_policy(self, resource: str) -> Policy | None:
        """Return the policy of a bucket (by its ARN or an object's), queue or key; none when it has none."""
        if ":kms:" in resource:
            for stack, id_, key in self._resources("AWS::KMS::Key"):
                if self._resolve(stack, {"Fn::GetAtt": [id_, "Arn"]}) == resource:
                    policy: Policy = self._resolve(stack, key["Properties"]["KeyPolicy"])
                    return policy
            return None
        for kind, (member, form) in RESOURCE_POLICIES.items():
            for stack, _, found in self._resources(kind):
                value = self._resolve(stack, found["Properties"][member])
                for owner in value if isinstance(value, list) else [value]:
                    arn = form.format(owner)
                    if resource == arn or resource.startswith(f"{arn}/"):
                        return self._policy(stack, found)
        return None

    def trust(self, role: str) -> Policy | None:
        """Return the policy by which a role is taken on; none for a role that is not the environment's."""
        for stack, logical_id, resource in self._resources("AWS::IAM::Role"):
            if self._resolve(stack, {"Fn::GetAtt": [logical_id, "Arn"]}) == role:
                policy: Policy = self._resolve(stack, resource["Properties"]["AssumeRolePolicyDocument"])
                return policy
        return None

    def endpoint_policy(self, action: str) -> Policy:
        """Return the policy of the VPC endpoint that calls of `action` pass; raise `LookupError` when there is none."""
        service = action.split(":", maxsplit=1)[0]
        for stack, _, endpoint in self._resources("AWS::EC2::VPCEndpoint"):
            name = str(self._resolve(stack, endpoint["Properties"]["ServiceName"]))
            if name.endswith(ENDPOINTS.get(service, f".{service}")):
                return self._policy(stack, endpoint)
        raise LookupError(f"No endpoint of {self.name} leads to {service}.")

    def _policy(self, stack: str, resource: Mapping[str, Any]) -> Policy:
        policy: Policy = self._resolve(stack, resource["Properties"]["PolicyDocument"])
        return policy

    def _resources(self, kind: str, stack: str = "") -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        for name, template in self._templates.items():
            if stack in {"", name}:
                for logical_id, resource in template["Resources"].items():
                    if resource["Type"] == kind:
                        yield name, logical_id, resource


def _holders(policy: Policy) -> list[object]:
    """Return to whom a policy is attached."""
    alone = [policy["RoleName"]] if "RoleName" in policy else []
    return [*alone, *policy.get("Roles", []), *policy.get("Users", []), *policy.get("Groups", [])]


ENDPOINTS = {
    "cloudwatch": ".monitoring",
    "ecr": ".ecr.api",
    "sagemaker": ".sagemaker.api",
}
"""How the name of a service's endpoint ends, where it is not the service's prefix."""
