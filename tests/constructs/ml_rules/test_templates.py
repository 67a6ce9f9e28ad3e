"""Intrinsic functions become the text that they stand for."""

from typing import Any

import pytest

from ml_constructs.foundation.acknowledgment import report_ids
from ml_rules.requests import states
from ml_rules.templates import Templates

PRODUCER = {
    "Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": {}}},
    "Outputs": {
        "KeyArn": {"Value": {"Fn::GetAtt": ["Key", "Arn"]}, "Export": {"Name": "key"}},
    },
}


def read(value: object, **more: object) -> Any:
    consumer = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Value": value}}}, **more}
    return next(Templates({"app": consumer, "keys": PRODUCER}).of("AWS::SNS::Topic")).get("Value")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"Ref": "Topic"}, "${app/Topic}"),
        ({"Ref": "AWS::Partition"}, "aws"),
        ({"Fn::GetAtt": ["Topic", "TopicName"]}, "${app/Topic.TopicName}"),
        ({"Fn::GetAtt": "Topic.TopicName"}, "${app/Topic.TopicName}"),
        ({"Fn::Join": [":", ["a", {"Ref": "Topic"}, 3]]}, "a:${app/Topic}:3"),
        (
            {"Fn::Sub": "${Topic}/${Topic.TopicName}/${!x}/${AWS::Partition}"},
            "${app/Topic}/${app/Topic.TopicName}/${x}/aws",
        ),
        ({"Fn::Sub": ["${A}-b", {"A": {"Ref": "Topic"}}]}, "${app/Topic}-b"),
        ({"Fn::Select": [1, {"Fn::Split": [":", "a:b:c"]}]}, "b"),
        ({"Fn::ImportValue": "key"}, "${keys/Key.Arn}"),
        (
            {"Fn::GetStackOutput": {"StackName": "keys", "OutputName": "KeyArn"}},
            "${keys/Key.Arn}",
        ),
        ({"Fn::ImportValue": "of another application"}, "${of another application}"),
        ({"A": {"Ref": "AWS::NoValue"}, "B": [1, {"Ref": "AWS::NoValue"}]}, {"B": [1]}),
    ],
)
def test_references_are_followed(value: object, text: object) -> None:
    assert read(value) == text


def test_parameters_have_their_defaults_and_maps_their_values() -> None:
    assert read({"Ref": "P"}, Parameters={"P": {"Type": "String", "Default": "d"}}) == "d"
    assert read({"Fn::FindInMap": ["M", "a", "b"]}, Mappings={"M": {"a": {"b": "c"}}}) == "c"


def test_both_sides_of_a_condition_are_judged() -> None:
    template = {"Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {"V": {"Fn::If": ["C", "yes", "no"]}}}}}
    assert [topic.get("V") for topic in Templates({"app": template}).resources] == ["yes", "no"]


def test_every_entry_of_a_map_is_judged_where_no_template_tells_which() -> None:
    mapped = {"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "V"]}
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"V": mapped}}
    template = {"Mappings": {"M": {"eu-west-1": {"V": 1}, "eu-central-1": {"V": 2}}}, "Resources": {"T": topic}}
    assert {topic.get("V") for topic in Templates({"app": template}).resources} == {1, 2}


def test_a_parameter_that_is_kept_elsewhere_has_no_value_here() -> None:
    kept = {"Type": "AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>", "Default": "/network/subnets"}
    assert read({"Ref": "P"}, Parameters={"P": kept}) == "${P}"


def test_a_deletion_policy_may_depend_on_a_condition() -> None:
    topic = {"Type": "AWS::SNS::Topic", "DeletionPolicy": {"Fn::If": ["C", "Retain", "Delete"]}}
    seen = {r.attributes["DeletionPolicy"] for r in Templates({"app": {"Resources": {"T": topic}}}).resources}
    assert seen == {"Retain", "Delete"}


def test_every_side_of_a_condition_within_another_is_judged() -> None:
    value = {"Fn::If": ["A", {"Fn::If": ["B", "both", "first"]}, "neither"]}
    template = {"Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {"V": value}}}}
    seen = {topic.get("V") for topic in Templates({"app": template}).resources}
    assert seen == {"both", "first", "neither"}


def test_a_list_that_no_template_tells_stays_one_text() -> None:
    assert read({"Fn::Split": [",", {"Fn::ImportValue": "subnets"}]}) == "${subnets}"
    listed = {"Type": "List<AWS::EC2::Subnet::Id>"}
    assert read({"Ref": "P"}, Parameters={"P": listed}) == "${P}"
    assert read({"Ref": "P"}, Parameters={"P": listed | {"Default": "a,b"}}) == ["a", "b"]


def test_a_resource_is_found_by_reference_and_by_name() -> None:
    template = {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "work"}}}}
    templates = Templates({"app": template})
    (queue,) = templates.resources
    for text in ("${app/Q}", "${app/Q.Arn}", "arn:aws:sqs:eu-west-1:111122223333:work"):
        assert templates.find(text) == queue
    assert templates.find("${app/Other.Arn}") is None
    assert templates.find(None) is None


def test_a_resource_is_found_by_a_name_with_a_reference_in_it() -> None:
    name = {"Fn::Sub": "data-${AWS::AccountId}"}
    templates = Templates(
        {"app": {"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}}}}}
    )
    assert templates.find("arn:aws:s3:::data-${AWS::AccountId}") == templates.resources[0]


@pytest.mark.parametrize(
    ("template", "macros"),
    [
        ({"Transform": "AWS::Serverless-2016-10-31"}, ["AWS::Serverless-2016-10-31"]),
        ({"Transform": ["AWS::LanguageExtensions", "Own"]}, ["Own"]),
        ({"Transform": "AWS::LanguageExtensions"}, []),
        ({"Resources": {"Fn::Transform": {"Name": "AWS::Include"}}}, ["AWS::Include"]),
        ({"Resources": {"Fn::ForEach::Topics": ["N", ["a"], {"T${N}": {"Type": "AWS::SNS::Topic"}}]}}, ["Fn::ForEach"]),
    ],
)
def test_macros_are_known_by_name(template: dict[str, Any], macros: list[str]) -> None:
    assert [macro.type for macro in Templates({"app": template}).macros] == macros


@pytest.mark.parametrize("text", ["${Hours}", "${Known}", "7200"])
def test_a_definition_is_read_where_a_number_is_substituted(text: str) -> None:
    definition = f'{{"States": {{"T": {{"Type": "Task", "TimeoutSeconds": {text}}}}}}}'
    properties = {"DefinitionString": definition, "DefinitionSubstitutions": {"Known": 7200}}
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    (resource,) = Templates({"app": {"Resources": {"M": machine}}}).resources
    assert "TimeoutSeconds" in dict(states(resource))["T"]


@pytest.mark.parametrize(
    ("rule", "ids"),
    [
        ("S1", ["AwsSolutions::AwsSolutions-S1"]),
        ("W3010", ["CloudFormation-Validate::W3010"]),
        ("service_trust", ["Mdlc::service-trust"]),
        (
            "SQSRedrivePolicy",
            [
                "AwsSolutions::AwsSolutions-SQS3",
                "NIST.800.53.R5::NIST.800.53.R5-SQSRedrivePolicy",
                "HIPAA.Security::HIPAA.Security-SQSRedrivePolicy",
                "PCI.DSS.321::PCI.DSS.321-SQSRedrivePolicy",
                "Serverless::Serverless-SQSRedrivePolicy",
            ],
        ),
        (
            "LambdaDLQ",
            [
                "NIST.800.53.R5::NIST.800.53.R5-LambdaDLQ",
                "HIPAA.Security::HIPAA.Security-LambdaDLQ",
                "PCI.DSS.321::PCI.DSS.321-LambdaDLQ",
                "Serverless::Serverless-LambdaDLQ",
            ],
        ),
    ],
)
def test_an_acknowledgment_is_qualified_by_its_pack(rule: str, ids: list[str]) -> None:
    assert report_ids(rule) == ids
