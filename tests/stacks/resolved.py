"""Templates as CloudFormation would resolve them: every reference replaced by what it stands for, of the right form."""

from collections.abc import Mapping
from typing import Any

Templates = Mapping[str, Mapping[str, Any]]

ACCOUNT, REGION = "111122223333", "eu-west-1"
PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::URLSuffix": "amazonaws.com",
}
NUMBERED = {"AWS::EC2::SecurityGroup": "sg", "AWS::EC2::Subnet": "subnet", "AWS::EC2::VPC": "vpc"}
ARNS = {
    "AWS::ECR::Repository": "ecr:{region}:{account}:repository/{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::KMS::Key": "kms:{region}:{account}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::S3::Bucket": "s3:::{name}",
    "AWS::SageMaker::ModelPackageGroup": "sagemaker:{region}:{account}:model-package-group/{name}",
}
LOWER = {"AWS::ECR::Repository", "AWS::S3::Bucket"}


class Resolver:
    """Resolves values of `templates`, which refer to each other's outputs."""

    def __init__(self, templates: Templates) -> None:
        self._templates = templates

    def __call__(self, stack: str, value: Any) -> Any:
        """`value` of a stack's template, without intrinsic functions; raises `AssertionError` for an unknown one."""
        if isinstance(value, list):
            return [self(stack, item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((function, arguments),) = value.items()
            if function == "Ref" or function.startswith("Fn::"):
                return self._call(stack, function, arguments)
        return {name: self(stack, item) for name, item in value.items()}

    def _call(self, stack: str, function: str, arguments: Any) -> Any:
        match function, arguments:
            case "Ref", str():
                return PSEUDO.get(arguments) or self._reference(stack, arguments)
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
        raise AssertionError(f"{function} {arguments} is not resolved")

    def _resource(self, stack: str, name: str) -> tuple[str, str]:
        """Type and name of a resource."""
        kind = self._templates[stack]["Resources"][name]["Type"]
        return kind, name.lower() if kind in LOWER else name

    def _reference(self, stack: str, name: str) -> Any:
        parameter = self._templates[stack].get("Parameters", {}).get(name)
        if parameter is not None:
            return parameter["Default"]
        kind, given = self._resource(stack, name)
        if kind in NUMBERED:
            return f"{NUMBERED[kind]}-0123456789abcdef0"
        return self._arn(kind, given) if kind == "AWS::SageMaker::ModelPackageGroup" else given

    def _attribute(self, stack: str, name: str, attribute: str) -> str:
        kind, given = self._resource(stack, name)
        if attribute in {"GroupId", "VpcId", "SubnetId"}:
            return f"{NUMBERED[kind]}-0123456789abcdef0"
        assert attribute.endswith(("Arn", "Uri")) or kind not in ARNS, f"{kind} {attribute} is not resolved"
        if attribute.endswith("Arn"):
            return self._arn(kind, given)
        return f"{given}-{attribute}"

    def _arn(self, kind: str, name: str) -> str:
        service = kind.split("::")[1].lower()
        form = ARNS.get(kind, f"{service}:{{region}}:{{account}}:{{name}}")
        return "arn:aws:" + form.format(region=REGION, account=ACCOUNT, name=name)
