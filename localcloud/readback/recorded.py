"""The list of properties that are recorded only: kept, or not even kept, and nothing on this machine acts on them."""

from collections.abc import Mapping
from typing import Final

CUSTOM: Final = "they are given to the function that makes the resource, and no API tells them"
AGES: Final = "the setting is kept and told; nothing grows old enough on this machine for it to act"
TRACES: Final = "nothing on this machine traces requests"
NETWORK: Final = "nothing routes packets on this machine: local processes share its network"
EDGE: Final = "no edge location serves on this machine: its origins are asked themselves"
CONTAINERS: Final = "no container of it runs on this machine"
LISTENERS: Final = "nothing on this machine listens for it"
FILTERS: Final = "nothing on this machine filters requests"
NAMES: Final = "no resolver of this machine asks it"
MAIL: Final = "neither mail nor text messages leave this machine"
MOUNTS: Final = "file systems are not mounted on this machine"
MEMORY: Final = "records are in the memory of this machine"
NESTED: Final = "its resources are read back themselves, one by one"
TYPES: Final[Mapping[str, str]] = {
    "AWS::CloudFormation::Stack": NESTED,
    "AWS::CloudFormation::Macro": "templates that name it are changed by its function, and no API tells of it",
    "AWS::CloudFormation::WaitCondition": "it is a wait, and nothing is there when it is over",
    "AWS::CloudFormation::WaitConditionHandle": "it is an address to signal to",
    **dict.fromkeys(
        (
            "AWS::CloudFront::CachePolicy",
            "AWS::CloudFront::CloudFrontOriginAccessIdentity",
            "AWS::CloudFront::Distribution",
            "AWS::CloudFront::Function",
            "AWS::CloudFront::OriginAccessControl",
            "AWS::CloudFront::OriginRequestPolicy",
            "AWS::CloudFront::ResponseHeadersPolicy",
        ),
        EDGE,
    ),
    **dict.fromkeys(("AWS::ECS::Cluster", "AWS::ECS::Service", "AWS::ECS::TaskDefinition"), CONTAINERS),
    **dict.fromkeys(
        (
            "AWS::ElasticLoadBalancingV2::Listener",
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "AWS::ElasticLoadBalancingV2::TargetGroup",
        ),
        LISTENERS,
    ),
    **dict.fromkeys(("AWS::EFS::AccessPoint", "AWS::EFS::MountTarget"), MOUNTS),
    **dict.fromkeys(
        (
            "AWS::CertificateManager::Certificate",
            "AWS::Route53::HostedZone",
            "AWS::Route53::RecordSet",
            "AWS::ServiceDiscovery::PrivateDnsNamespace",
            "AWS::ServiceDiscovery::Service",
        ),
        NAMES,
    ),
    "AWS::WAFv2::WebACL": FILTERS,
    "AWS::EC2::LaunchTemplate": "no instance of this machine starts from it",
    "AWS::EC2::InternetGateway": NETWORK,
    "AWS::EC2::Route": NETWORK,
    "AWS::EC2::VPCGatewayAttachment": NETWORK,
}
"""Types of which every property is recorded only, beside those that are recorded as a whole."""
RECORDED: Final[Mapping[str, Mapping[str, str]]] = {
    "AWS::ApiGateway::ApiKey": {
        "/GenerateDistinctId": "it says how the key is made, and no API tells it",
        "/StageKeys": "usage plans say what a key opens",
    },
    "AWS::ApiGateway::Stage": {"/TracingEnabled": TRACES},
    "AWS::ApiGatewayV2::Stage": {
        "/DefaultRouteSettings": "calls of HTTP and WebSocket APIs are neither throttled nor traced on this machine",
        "/RouteSettings": "calls of HTTP and WebSocket APIs are neither throttled nor traced on this machine",
    },
    "AWS::CodeBuild::Project": {
        "/BadgeEnabled": "nothing on this machine shows it",
        "/Cache": "builds on this machine keep no cache",
        "/ConcurrentBuildLimit": "builds on this machine begin at once",
        "/LogsConfig/CloudWatchLogs/Status": "builds on this machine always log",
        "/LogsConfig/S3Logs": "builds log to CloudWatch only",
        "/QueuedTimeoutInMinutes": "builds on this machine begin at once",
        "/VpcConfig": NETWORK,
        "/EncryptionKey": "artifacts of builds stay on this machine",
        "/Environment/ComputeType": "builds run on this machine, whatever size they ask for",
        "/Environment/PrivilegedMode": "builds run on this machine, as its own user",
    },
    "AWS::Cognito::UserPool": {
        "/AccountRecoverySetting": "the setting is kept and told; nobody is sent a code",
        "/EmailConfiguration": MAIL,
        "/EmailVerificationMessage": MAIL,
        "/EmailVerificationSubject": MAIL,
        "/SmsAuthenticationMessage": MAIL,
        "/SmsConfiguration": MAIL,
        "/SmsVerificationMessage": MAIL,
        "/UserPoolAddOns": "no risk is rated on this machine",
        "/UserPoolTier": "nothing on this machine costs anything",
        "/VerificationMessageTemplate": MAIL,
    },
    "AWS::Cognito::UserPoolUser": {
        "/ClientMetadata": MAIL,
        "/DesiredDeliveryMediums": MAIL,
        "/ForceAliasCreation": "it says what a creation does, and no API tells it",
        "/MessageAction": MAIL,
        "/ValidationData": "it says what a creation does, and no API tells it",
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
    "AWS::Kinesis::Stream": {"/StreamEncryption": MEMORY},
    "AWS::KinesisFirehose::DeliveryStream": {"/DeliveryStreamEncryptionConfigurationInput": MEMORY},
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
