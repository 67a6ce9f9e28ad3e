"""Every role can do what its workload does, and nothing else; ml_rules asks the same of any template."""

from collections.abc import Iterator
from typing import Any

import pytest

Templates = dict[str, dict[str, Any]]


def as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def resources(templates: Templates, *types: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for stack, template in templates.items():
        for name, resource in template["Resources"].items():
            if resource["Type"] in types:
                yield f"{stack}/{name}", resource["Properties"]


def statements(templates: Templates) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, properties in resources(templates, "AWS::IAM::Policy"):
        for statement in properties["PolicyDocument"]["Statement"]:
            yield name, statement


def test_no_managed_policy_and_no_policy_inside_a_role(templates: Templates) -> None:
    for name, role in resources(templates, "AWS::IAM::Role"):
        assert not role.get("ManagedPolicyArns"), name
        assert not role.get("Policies"), name
    assert not list(resources(templates, "AWS::IAM::ManagedPolicy", "AWS::IAM::User", "AWS::IAM::Group"))


def test_roles_are_passed_to_sagemaker_alone(templates: Templates) -> None:
    passed = [(name, s) for name, s in statements(templates) if "iam:PassRole" in as_list(s["Action"])]
    assert passed
    for name, statement in passed:
        assert as_list(statement["Action"]) == ["iam:PassRole"], name
        assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}, name
        assert "*" not in as_list(statement["Resource"]), name


@pytest.mark.parametrize(
    ("environment", "account"), [("dev", "111111111111"), ("prod", "333333333333"), ("sandbox", "444444444444")]
)
def test_services_act_for_this_account_alone(environment: str, account: str, templates: Templates) -> None:
    own = {stack: template for stack, template in templates.items() if stack.startswith(f"{environment}-")}
    roles = list(resources(own, "AWS::IAM::Role"))
    assert roles
    for name, role in roles:
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        if statement["Principal"]["Service"] == "apigateway.amazonaws.com":
            # It does not tell its account, and would be locked out; AWS's own trust for this role has no condition.
            assert "Condition" not in statement, name
            continue
        assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": account}, name
        if statement["Principal"]["Service"] in {
            "sagemaker.amazonaws.com",
            "codebuild.amazonaws.com",
            "states.amazonaws.com",
            "vpc-flow-logs.amazonaws.com",
        }:
            assert account in statement["Condition"]["ArnLike"]["aws:SourceArn"], name


def test_one_role_per_workload(templates: Templates) -> None:
    """Flow logs and the wait for interfaces; jobs and pipeline; jobs, functions and machine; model, roll-out, its end;
    build and its wait; API and its functions; groups; four people, nobody, and their end."""
    stacks = ("network", "images", "training", "steps", "serving", "knn", "vision", "api", "features", "studio")
    counts = {
        f"prod-{stack}": len(list(resources({stack: templates[f"prod-{stack}"]}, "AWS::IAM::Role"))) for stack in stacks
    }
    assert counts == {
        "prod-network": 2,
        "prod-images": 2,
        "prod-training": 6,
        "prod-steps": 6,
        "prod-serving": 3,
        "prod-knn": 7,
        "prod-vision": 9,
        "prod-api": 4,
        "prod-features": 3,
        "prod-studio": 6,
    }
    for _, function in resources(templates, "AWS::Lambda::Function"):
        assert function["LoggingConfig"]["LogGroup"]


def test_rights_on_log_groups_name_their_streams(templates: Templates) -> None:
    """AWS checks all actions but those on tags on `<group>:log-stream:…`: a group's bare ARN allows none of them.

    Source: CloudWatch Logs user guide, "Overview of managing access permissions".
    """
    named = [
        (name, statement["Action"], arn)
        for name, statement in statements(templates)
        if any(action.startswith("logs:") for action in as_list(statement["Action"]))
        for arn in as_list(statement["Resource"])
        if isinstance(arn, str) and not arn.endswith("*") and f"{arn}:*" not in as_list(statement["Resource"])
    ]
    assert named == []


def test_every_log_group_that_sagemaker_would_make_is_made_before(templates: Templates) -> None:
    (shared,) = [kept["Names"] for _, kept in resources({"": templates["dev-storage"]}, "Custom::LogGroups")]
    assert shared.split(",") == [
        "/aws/sagemaker/ProcessingJobs",
        "/aws/sagemaker/TrainingJobs",
        "/aws/sagemaker/studio",
    ]
    ends = {end["EndpointName"]: end["LogGroupName"] for _, end in resources(templates, "Custom::EndpointEnd")}
    assert {f"/aws/sagemaker/Endpoints/{name}" for name in ends} == {*ends.values()}


def test_everything_that_holds_data_is_encrypted_with_our_keys(templates: Templates) -> None:
    for name, bucket in resources(templates, "AWS::S3::Bucket"):
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        expected = "AES256" if "AccessLogs" in name else "aws:kms"
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == expected, name
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}, name
        assert all(bucket["PublicAccessBlockConfiguration"].values()), name
    for name, group in resources(templates, "AWS::Logs::LogGroup"):
        assert "KmsKeyId" in group, name
        assert group["RetentionInDays"] > 0, name
    for name, kept in [*resources(templates, "Custom::LogGroups"), *resources(templates, "Custom::EndpointEnd")]:
        assert kept["KeyArn"], name
        assert int(kept["RetentionInDays"]) > 0, name
    for name, key in resources(templates, "AWS::KMS::Key"):
        assert key["EnableKeyRotation"] is True, name
    for name, repository in resources(templates, "AWS::ECR::Repository"):
        assert repository["ImageTagMutability"] == "IMMUTABLE", name
        assert repository["EncryptionConfiguration"]["EncryptionType"] == "KMS", name
        assert repository["ImageScanningConfiguration"] == {"ScanOnPush": True}, name
    for name, table in resources(templates, "AWS::DynamoDB::Table"):
        assert table["SSESpecification"]["SSEType"] == "KMS", name
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}, name


def test_keys_serve_root_and_named_services_alone(templates: Templates) -> None:
    for name, key in resources(templates, "AWS::KMS::Key"):
        root, *others = key["KeyPolicy"]["Statement"]
        assert "root" in str(root["Principal"]), name
        for statement in others:
            assert "Service" in statement["Principal"], name
            assert not any("*" in action for action in as_list(statement["Action"])), name
            assert "Condition" in statement, name


def test_no_node_backed_custom_resource(templates: Templates) -> None:
    for name, function in resources(templates, "AWS::Lambda::Function"):
        assert function["Runtime"].startswith("python"), name
    types = {resource["Type"] for template in templates.values() for resource in template["Resources"].values()}
    assert not any(t.startswith(("Custom::S3", "Custom::Vpc")) for t in types)


@pytest.mark.parametrize("environment", ["dev", "sandbox", "staging", "prod"])
def test_what_happens_to_state_when_a_stack_goes(environment: str, templates: Templates) -> None:
    """What stays is no orphan of a first deployment that failed, but for what holds data already or is protected."""
    keeps = environment in {"staging", "prod"}
    protected = {"AWS::DynamoDB::Table", "AWS::ECR::Repository"}
    stateful = {
        "AWS::S3::Bucket",
        "AWS::KMS::Key",
        "AWS::DynamoDB::Table",
        "AWS::ECR::Repository",
        "AWS::Logs::LogGroup",
        "AWS::SageMaker::Domain",
        "AWS::SageMaker::FeatureGroup",
        "AWS::SageMaker::ModelPackageGroup",
        "AWS::SageMaker::Space",
        "AWS::SageMaker::UserProfile",
    }
    seen = set()
    for stack, template in templates.items():
        for name, resource in template["Resources"].items():
            if stack.startswith(f"{environment}-") and resource["Type"] in stateful:
                seen.add(resource["Type"])
                goes = "Delete" if not keeps else "Retain" if resource["Type"] in protected else "RetainExceptOnCreate"
                assert resource["DeletionPolicy"] == goes, name
                assert resource["UpdateReplacePolicy"] == ("Retain" if keeps else "Delete"), name
    assert seen == stateful
