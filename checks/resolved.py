"""Templates as CloudFormation would resolve them: every reference replaced by what it stands for, of the right form."""

from collections.abc import Mapping
from typing import Any, TypeAlias
from uuid import NAMESPACE_URL, uuid5

Templates = Mapping[str, Mapping[str, Any]]
Json: TypeAlias = Any
"""A value of a template, with or without intrinsic functions."""

ACCOUNT, REGION = "111122223333", "eu-west-1"
NUMBERED = {"AWS::EC2::SecurityGroup": "sg", "AWS::EC2::Subnet": "subnet", "AWS::EC2::VPC": "vpc"}
ARNS = {
    "AWS::CloudWatch::Alarm": "cloudwatch:{region}:{account}:alarm:{name}",
    "AWS::Cognito::UserPool": "cognito-idp:{region}:{account}:userpool/{name}",
    "AWS::CodeBuild::Project": "codebuild:{region}:{account}:project/{name}",
    "AWS::DynamoDB::Table": "dynamodb:{region}:{account}:table/{name}",
    "AWS::ECR::Repository": "ecr:{region}:{account}:repository/{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::KMS::Key": "kms:{region}:{account}:key/{name}",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{name}:*",
    "AWS::S3::Bucket": "s3:::{name}",
    "AWS::SageMaker::Domain": "sagemaker:{region}:{account}:domain/{name}",
    "AWS::SageMaker::MlflowApp": "sagemaker:{region}:{account}:mlflow-app/{name}",
    "AWS::SageMaker::ModelPackageGroup": "sagemaker:{region}:{account}:model-package-group/{name}",
}
LOWER = {"AWS::ECR::Repository", "AWS::S3::Bucket"}
REFERS_BY_ARN = {"AWS::SNS::Topic", "AWS::SageMaker::ModelPackageGroup"}
"""Types of which `Ref` gives the ARN: CloudFormation's reference, "Return values"."""


class Resolver:
    """Resolves values of `templates`, which refer to each other's outputs, as they are in `account` and `region`."""

    def __init__(self, templates: Templates, account: str = ACCOUNT, region: str = REGION) -> None:
        self._templates, self._account, self._region = templates, account, region
        self._pseudo = {
            "AWS::AccountId": account,
            "AWS::Partition": "aws",
            "AWS::Region": region,
            "AWS::URLSuffix": "amazonaws.com",
        }

    def __call__(self, stack: str, value: Json) -> Json:
        """Return `value` of a stack's template, without intrinsic functions; raise `ValueError` for an unknown one."""
        if isinstance(value, list):
            return [self(stack, item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((function, arguments),) = value.items()
            if function == "Ref" or function.startswith("Fn::"):
                return self._call(stack, function, arguments)
        return {name: self(stack, item) for name, item in value.items()}

    def _call(self, stack: str, function: str, arguments: Json) -> Json:  # noqa: PLR0911 - one for each function
        match function, arguments:
            case "Ref", "AWS::StackId":
                return f"arn:aws:cloudformation:{self._region}:{self._account}:stack/{stack}/{_identifier(stack)}"
            case "Ref", "AWS::StackName":
                return stack
            case "Ref", str():
                return self._pseudo.get(arguments) or self._reference(stack, arguments)
            case "Fn::GetAtt", [str(name), str(attribute)]:
                return self._attribute(stack, name, attribute)
            case "Fn::Join", [str(between), list(parts)]:
                return between.join(str(self(stack, part)) for part in parts)
            case "Fn::Split", [str(between), text]:
                return str(self(stack, text)).split(between)
            case "Fn::Select", [int(index), values]:
                return self(stack, values)[index]
            case "Fn::GetStackOutput", {"StackName": str(other), "OutputName": str(name)}:
                return self(other, self._templates[other]["Outputs"][name]["Value"])
        raise ValueError(f"{function} {arguments} is not resolved")

    def _resource(self, stack: str, name: str) -> tuple[str, str]:
        """Return type and name of a resource."""
        kind = self._templates[stack]["Resources"][name]["Type"]
        if kind == "AWS::KMS::Key":
            return kind, _identifier(f"{stack}/{name}")
        if kind == "AWS::SageMaker::Domain":
            return kind, "d-0123456789ab"
        unique = f"{stack}-{name}"
        return kind, unique.lower() if kind in LOWER else unique

    def _reference(self, stack: str, name: str) -> Json:
        parameter = self._templates[stack].get("Parameters", {}).get(name)
        if parameter is not None:
            return parameter["Default"]
        kind, given = self._resource(stack, name)
        if kind in NUMBERED:
            return f"{NUMBERED[kind]}-0123456789abcdef0"
        return self._arn(kind, given) if kind in REFERS_BY_ARN else given

    def _attribute(self, stack: str, name: str, attribute: str) -> str:
        kind, given = self._resource(stack, name)
        if attribute in {"GroupId", "VpcId", "SubnetId"}:
            return f"{NUMBERED[kind]}-0123456789abcdef0"
        if attribute == "DomainId":
            return given
        if kind in ARNS and not attribute.endswith(("Arn", "Uri")):
            raise ValueError(f"{kind} {attribute} is not resolved")
        if attribute == "StreamArn":
            return f"{self._arn(kind, given)}/stream/2026-01-01T00:00:00.000"
        if attribute.endswith("Arn"):
            return self._arn(kind, given)
        return f"{given}-{attribute}"

    def _arn(self, kind: str, name: str) -> str:
        service = kind.split("::")[1].lower()
        form = ARNS.get(kind, f"{service}:{{region}}:{{account}}:{{name}}")
        return "arn:aws:" + form.format(region=self._region, account=self._account, name=name)


def _identifier(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, name))
