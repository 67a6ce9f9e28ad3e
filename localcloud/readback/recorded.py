"""The list of properties that are recorded only: kept, or not even kept, and nothing on this machine acts on them."""

from collections.abc import Mapping
from typing import Final

CUSTOM: Final = "they are given to the function that makes the resource, and no API tells them"
AGES: Final = "the setting is kept and told; nothing grows old enough on this machine for it to act"
TRACES: Final = "nothing on this machine traces requests"
NETWORK: Final = "nothing routes packets on this machine: local processes share its network"
NESTED: Final = "its resources are read back themselves, one by one"
TYPES: Final[Mapping[str, str]] = {
    "AWS::CloudFormation::Stack": NESTED,
    "AWS::CloudFormation::WaitCondition": "it is a wait, and nothing is there when it is over",
    "AWS::CloudFormation::WaitConditionHandle": "it is an address to signal to",
    "AWS::EC2::InternetGateway": NETWORK,
    "AWS::EC2::Route": NETWORK,
    "AWS::EC2::VPCGatewayAttachment": NETWORK,
}
"""Types of which every property is recorded only, beside those that are recorded as a whole."""
RECORDED: Final[Mapping[str, Mapping[str, str]]] = {
    "AWS::ApiGateway::Stage": {"/TracingEnabled": TRACES},
    "AWS::CodeBuild::Project": {
        "/EncryptionKey": "artifacts of builds stay on this machine",
        "/Environment/ComputeType": "builds run on this machine, whatever size they ask for",
        "/Environment/PrivilegedMode": "builds run on this machine, as its own user",
    },
    "AWS::DynamoDB::Table": {
        "/PointInTimeRecoverySpecification": "the setting is kept and told; there is no older state to go back to",
        "/TableClass": "nothing on this machine costs anything",
    },
    "AWS::ECR::Repository": {
        "/EmptyOnDelete": "it says what a deletion does, and no API tells it",
        "/EncryptionConfiguration": "layers are files of this machine: the key is kept, and asked for its grant",
        "/ImageScanningConfiguration": "nothing on this machine scans images",
        "/LifecyclePolicy": "the setting is kept and told; images expire by it at the next push",
    },
    "AWS::KMS::Key": {
        "/EnableKeyRotation": AGES,
        "/PendingWindowInDays": "it says how long a deletion waits, and no API tells it before",
    },
    "AWS::Lambda::Function": {
        "/Architectures": "functions run on this machine's own processors",
        "/Code/ZipFile": "what runs is an archive that Lambda makes of it, and no API tells what is in it",
        "/MemorySize": "a function is a process with as much memory as it takes",
        "/TracingConfig": TRACES,
    },
    "AWS::Logs::LogGroup": {"/RetentionInDays": AGES},
    "AWS::S3::Bucket": {
        "/AccessControl": "access control lists are not evaluated: policies decide",
        "/LifecycleConfiguration": AGES,
        "/LoggingConfiguration": "the setting is kept and told; no access log is delivered",
    },
    "AWS::SQS::Queue": {"/SqsManagedSseEnabled": "messages are in the memory of this machine"},
    "AWS::StepFunctions::StateMachine": {"/TracingConfiguration": TRACES},
}
"""Why a property is recorded only, by type and place; `*` in a place is any element."""


def of_type(name: str, recorded: Mapping[str, str]) -> str:
    """Return why every property of a type is recorded only; empty when some are applied."""
    custom = name.startswith("Custom::") or name == "AWS::CloudFormation::CustomResource"
    return recorded.get(name) or TYPES.get(name) or (CUSTOM if custom else "")
