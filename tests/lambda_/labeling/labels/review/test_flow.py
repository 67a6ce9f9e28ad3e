"""Flow definitions: what the guide shows is taken, and what nobody can keep is refused by name."""

from typing import Any

import pytest

from labels.review.flow import FlowError, read
from tests.lambda_.labeling.labels.review.flows import flow_definition, people


def test_the_request_of_the_guide() -> None:
    flow = read(flow_definition())
    assert (flow.name, flow.team, flow.people, flow.output) == (
        "flow-definition-name",
        "reviewers",
        1,
        "s3://bucket/path",
    )
    assert flow.limit == 3600, "The default value is 3,600 seconds (HumanLoopConfig)"
    assert flow.available == 864_000
    assert not flow.others_only


def test_nobody_reviews_what_they_labeled_where_the_flow_says_so() -> None:
    tagged = read(
        flow_definition(Tags=[{"Key": "mdlc:others-only", "Value": "true"}, {"Key": "équipe", "Value": "a b"}])
    )
    assert tagged.bar("ann", {"ann", "bob"}) == "You labeled this object yourself: somebody else reviews it."
    assert tagged.bar("cid", {"ann", "bob"}) == ""
    assert read(flow_definition()).bar("ann", {"ann"}) == ""


TEXTRACT = {"AwsManagedHumanLoopRequestSource": "AWS/Textract/AnalyzeDocument/Forms/V1"}
CONDITIONS = {"HumanLoopActivationConditionsConfig": {"HumanLoopActivationConditions": "{}"}}
PUBLIC = "arn:aws:sagemaker:us-west-2:394669845002:workteam/public-crowd/default"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ([], "The request is no object"),
        ({}, "FlowDefinitionName"),
        (flow_definition(FlowDefinitionName="Flow"), "FlowDefinitionName has not the form"),
        (flow_definition(HumanLoopRequestSource=TEXTRACT), "HumanLoopRequestSource asks for loops that Textract"),
        (flow_definition(HumanLoopActivationConfig=CONDITIONS), "HumanLoopActivationConfig is for loops that Textract"),
        ({k: v for k, v in flow_definition().items() if k != "HumanLoopConfig"}, "HumanLoopConfig is missing"),
        (flow_definition(HumanLoopConfig=people(TaskCount=4)), "HumanLoopConfig.TaskCount is more than 3."),
        (flow_definition(HumanLoopConfig=people(TaskTitle="t" * 129)), "TaskTitle is more than 128."),
        (flow_definition(HumanLoopConfig=people(TaskTimeLimitInSeconds=29)), "TaskTimeLimitInSeconds"),
        (flow_definition(HumanLoopConfig=people(TaskAvailabilityLifetimeInSeconds=864_001)), "give 864000 seconds"),
        (flow_definition(HumanLoopConfig=people(WorkteamArn=PUBLIC)), "the public workforce, which is closed"),
        (flow_definition(HumanLoopConfig=people(PublicWorkforceTaskPrice={})), "the public workforce, which is closed"),
        (flow_definition(OutputConfig={"S3OutputPath": "https://b/c"}), "begin it with s3://"),
        (flow_definition(Tags=[{"Key": "mdlc:others-only", "Value": "yes"}]), 'give "true" or "false"'),
        (flow_definition(Tags=[{"Key": "a;b", "Value": ""}]), "Tags[0].Key has not the form"),
        (flow_definition(Surprise=1), "Surprise"),
    ],
)  # fmt: skip
def test_what_nobody_can_keep_is_refused(body: Any, sentence: str) -> None:
    with pytest.raises(FlowError) as error:
        read(body)
    assert sentence in str(error.value)
