"""The deploy report."""

from dataclasses import dataclass, field

from localcloud.report import Entry, entries


@dataclass(frozen=True)
class Held:
    """A resource as the stacks hold it."""

    type: str
    properties: dict[str, object] = field(default_factory=dict)
    account: str = "111111111111"
    region: str = "eu-west-1"
    stack: str = "dev-network"
    logical_id: str = "Thing"
    physical_id: str = "thing-1"


def test_every_resource_is_created_recorded_or_refused() -> None:
    refused = Entry("", "Robot", "AWS::RoboMaker::Robot", "refused", "the local cloud has no such type")
    report = entries(
        [Held("AWS::S3::Bucket"), Held("AWS::EC2::FlowLog")],  # type: ignore[list-item] # has the same members
        {"AWS::EC2::FlowLog": "no traffic"},
        [refused],
    )
    assert [(line.type, line.status, line.reason) for line in report] == [
        ("AWS::S3::Bucket", "created", ""),
        ("AWS::EC2::FlowLog", "recorded", "no traffic"),
        ("AWS::RoboMaker::Robot", "refused", "the local cloud has no such type"),
    ]


def test_a_layer_of_another_account_is_recorded_and_ones_own_is_not() -> None:
    layers = [
        "arn:aws:lambda:eu-west-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python313-x86_64:24",
        "arn:aws:lambda:eu-west-1:111111111111:layer:ours:1",
    ]
    report = entries([Held("AWS::Lambda::Function", {"Layers": layers})], {}, [])  # type: ignore[list-item] # has the same members
    assert [(line.logical_id, line.status) for line in report] == [
        ("Thing", "created"),
        ("Thing/AWSLambdaPowertoolsPythonV3-python313-x86_64", "recorded"),
    ]
