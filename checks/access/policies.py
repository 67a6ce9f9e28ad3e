"""The policies of one environment's templates, resolved: of roles, of resources, and of the network's endpoints."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from checks.resolved import Resolver, Templates
from stacks.settings import Environment as Settings

Policy = Mapping[str, Any]
POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
"""Where a role's statements are: CDK puts what exceeds 10,000 characters into managed policies of the stack's own."""
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
    trust: Policy
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
            reference = {"Ref": logical_id}
            statements = tuple(
                self._resolve(stack, statement)
                for kind in POLICIES
                for _, _, policy in self._resources(kind, stack)
                if reference in policy["Properties"].get("Roles", [])
                for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            )
            properties = resource["Properties"]
            yield Role(
                stack=stack.removeprefix(f"{self.name}-"),
                logical_id=logical_id,
                description=self._resolve(stack, properties["Description"]),
                arn=self._resolve(stack, {"Fn::GetAtt": [logical_id, "Arn"]}),
                trust=self._resolve(stack, properties["AssumeRolePolicyDocument"]),
                statements=statements,
                tags={tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])},
            )

    def arn(self, stack: str, kind: str, prefix: str = "") -> str:
        """Return the ARN of the one resource of type `kind` in a stack whose logical id begins with `prefix`."""
        found = [id_ for _, id_, _ in self._resources(kind, f"{self.name}-{stack}") if id_.startswith(prefix)]
        if len(found) != 1:
            raise LookupError(f"{self.name}-{stack} has {len(found)} resources {kind} that begin with {prefix!r}.")
        arn: str = self._resolve(f"{self.name}-{stack}", {"Fn::GetAtt": [found[0], "Arn"]})
        return arn

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


ENDPOINTS = {
    "cloudwatch": ".monitoring",
    "ecr": ".ecr.api",
    "sagemaker": ".sagemaker.api",
}
"""How the name of a service's endpoint ends, where it is not the service's prefix."""
