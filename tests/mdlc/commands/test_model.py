import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.mdlc.conftest import Mdlc
from tests.mdlc.fake_aws import NOW, FakeAws

GROUP = "arn:aws:sagemaker:eu-west-1:111111111111:model-package/dev-fraud"
CONFIG = "arn:aws:sagemaker:eu-west-1:111111111111:endpoint-config"


@dataclass
class Registry:
    """Two versions, and what the roll-out does to a version once it is approved: `endings`, look by look."""

    approvals: dict[int, str] = field(default_factory=lambda: {1: "Approved", 2: "PendingManualApproval"})
    tags: dict[int, dict[str, str]] = field(default_factory=dict)
    endings: list[dict[str, str]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)

    def summaries(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {
            "ModelPackageSummaryList": [
                {"ModelPackageArn": f"{GROUP}/{version}", "ModelPackageVersion": version}
                for version in sorted(self.approvals, reverse=True)
                if asked.get("ModelApprovalStatus") in {None, self.approvals[version]}
            ]
        }

    def describe(self, parameters: dict[str, Any]) -> dict[str, Any]:
        version = int(parameters["ModelPackageName"].rsplit("/", 1)[1])
        return {
            "ModelPackageArn": f"{GROUP}/{version}",
            "ModelPackageVersion": version,
            "ModelApprovalStatus": self.approvals[version],
            "CreationTime": NOW,
            "ModelMetrics": {"ModelQuality": {"Statistics": {"S3Uri": f"s3://artifacts/{version}/evaluation.json"}}},
        }

    def update(self, parameters: dict[str, Any]) -> dict[str, Any]:
        self.updates.append(parameters)
        self.approvals[int(parameters["ModelPackageArn"].rsplit("/", 1)[1])] = parameters["ModelApprovalStatus"]
        return {"ModelPackageArn": parameters["ModelPackageArn"]}

    def configs(self, parameters: dict[str, Any]) -> dict[str, Any]:
        if self.endings and self.updates and self.updates[-1]["ModelApprovalStatus"] == "Approved":
            version = int(self.updates[-1]["ModelPackageArn"].rsplit("/", 1)[1])
            self.tags[version] = self.endings.pop(0)
        names = {version: f"dev-fraud-v{version}-01234567" for version in self.tags}
        return {
            "EndpointConfigs": [
                {"EndpointConfigName": name, "EndpointConfigArn": f"{CONFIG}/{name}", "CreationTime": NOW}
                for name in names.values()
                if parameters["NameContains"] in name
            ]
        }

    def list_tags(self, parameters: dict[str, Any]) -> dict[str, Any]:
        version = int(parameters["ResourceArn"].split("-v")[1].split("-")[0])
        tags = {"mdlc:model-package": f"{GROUP}/{version}", **self.tags[version]}
        return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def tags(state: str, requested_at: str = "2026-11-21T12:00:00", reason: str = "") -> dict[str, str]:
    """Tags of an endpoint configuration, as the roll-out writes them."""
    return {
        "mdlc:rollout": state,
        "mdlc:requested-at": requested_at,
        "mdlc:settings": "01234567",
        "mdlc:reason": reason,
    }


@pytest.fixture
def registry(aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> Registry:
    monkeypatch.setattr("mdlc.client.aws.Cloud.poll_seconds", 0.0)
    held = Registry(tags={1: tags("serving")})
    aws.stacks["dev-training"] = {"FraudModelPackageGroupName": "dev-fraud"}
    aws.stacks["dev-serving"] = {"FraudEndpointName": "dev-fraud"}
    for version, area in ((1, 0.8), (2, 0.85)):
        report = {"classification_metrics": {"roc_auc": {"value": area, "standard_deviation": "NaN"}}}
        aws.objects[f"artifacts/{version}/evaluation.json"] = json.dumps(report).encode()
    aws.answers |= {
        "ListModelPackages": held.summaries,
        "DescribeModelPackage": held.describe,
        "UpdateModelPackage": held.update,
        "ListEndpointConfigs": held.configs,
        "ListTags": held.list_tags,
        "DescribeEndpoint": lambda _: {"EndpointStatus": "InService"},
    }
    return held


@pytest.mark.usefixtures("registry")
def test_list_shows_approval_metrics_and_rollout(mdlc: Mdlc) -> None:
    listed = json.loads(mdlc("model", "list", "fraud", "--json").stdout)
    assert (listed["group"], listed["endpoint"], listed["endpoint_status"]) == ("dev-fraud", "dev-fraud", "InService")
    assert [
        (version["version"], version["approval"], version["metrics"], version["rollout"])
        for version in listed["versions"]
    ] == [
        (2, "PendingManualApproval", {"roc_auc": 0.85}, "none"),
        (1, "Approved", {"roc_auc": 0.8}, "serving"),
    ]
    assert "0.8500" in mdlc("model", "list", "fraud").stdout
    assert len(json.loads(mdlc("model", "list", "fraud", "--limit", "1", "--json").stdout)["versions"]) == 1


@pytest.mark.usefixtures("registry")
def test_show_tells_all_that_is_known_of_a_version(mdlc: Mdlc, aws: FakeAws) -> None:
    described = aws.answers["DescribeModelPackage"]
    aws.answers["DescribeModelPackage"] = lambda parameters: {
        **described(parameters),
        "ModelPackageDescription": "[bold]mine[/bold]",
        "ApprovalDescription": "checked",
        "InferenceSpecification": {"Containers": [{"Image": "i:1", "ModelDataUrl": "s3://m/model.tar.gz"}]},
        "CustomerMetadataProperties": {"data": "s3://data"},
    }
    shown = json.loads(mdlc("model", "show", "fraud", "1", "--json").stdout)
    assert (shown["version"], shown["approval"], shown["rollout"]) == (1, "Approved", "serving")
    assert (shown["image"], shown["model"], shown["decision"]) == ("i:1", "s3://m/model.tar.gz", "checked")
    assert (shown["metrics"], shown["metadata"]) == ({"roc_auc": 0.8}, {"data": "s3://data"})
    assert shown["reports"] == {"quality": "s3://artifacts/1/evaluation.json"}
    assert "[bold]mine[/bold]" in mdlc("model", "show", "fraud", "1").stdout
    assert mdlc("model", "show", "fraud", "9").code == 2


def test_approve_without_wait_says_only_that(mdlc: Mdlc, registry: Registry) -> None:
    ran = mdlc("model", "approve", "fraud", "2", "--comment", "checked", "--json")
    assert (ran.code, json.loads(ran.stdout)["rollout"]) == (0, "none")
    assert registry.updates == [
        {"ModelPackageArn": f"{GROUP}/2", "ModelApprovalStatus": "Approved", "ApprovalDescription": "checked"}
    ]


def test_approve_waits_until_the_version_serves(mdlc: Mdlc, registry: Registry) -> None:
    registry.endings = [tags("pending"), tags("deploying"), tags("serving")]
    ran = mdlc("model", "approve", "fraud", "2", "--wait", "--json")
    assert ran.code == 0
    assert json.loads(ran.stdout)["rollout"] == "serving"
    assert json.loads(ran.stdout)["endpoint_config"] == "dev-fraud-v2-01234567"


def test_a_rollout_that_was_rolled_back_ends_1_with_the_reason(mdlc: Mdlc, registry: Registry) -> None:
    registry.endings = [tags("deploying"), tags("rolled-back", reason="alarm dev-fraud-5xx")]
    ran = mdlc("model", "approve", "fraud", "2", "--wait")
    assert ran.code == 1
    assert "mdlc: version 2 was rolled back: alarm dev-fraud-5xx\n" in ran.stderr


def test_approving_anew_what_was_rolled_back_asks_for_another_try(mdlc: Mdlc, registry: Registry) -> None:
    registry.approvals[2] = "Approved"
    registry.tags[2] = tags("rolled-back", reason="alarm")
    later = "2026-11-21T13:00:00"
    registry.endings = [tags("rolled-back", reason="alarm"), tags("deploying", later), tags("serving", later)]
    ran = mdlc("model", "approve", "fraud", "2", "--wait", "--json")
    assert (ran.code, json.loads(ran.stdout)["rollout"]) == (0, "serving")
    assert [update["ModelApprovalStatus"] for update in registry.updates] == ["PendingManualApproval", "Approved"]


def test_approving_what_serves_already_changes_nothing(mdlc: Mdlc, registry: Registry) -> None:
    assert mdlc("model", "approve", "fraud", "1", "--wait").code == 0
    assert not registry.updates


def test_a_rollout_that_takes_too_long_ends_1(mdlc: Mdlc, registry: Registry) -> None:
    registry.endings = [tags("deploying")] * 2
    ran = mdlc("model", "approve", "fraud", "2", "--wait", "--timeout", "0")
    assert ran.code == 1
    assert "The roll-out to dev-fraud is still deploying after 0 seconds." in ran.stderr


def test_rejecting_what_serves_alone_says_that_it_goes_on_serving(mdlc: Mdlc, registry: Registry) -> None:
    ran = mdlc("model", "reject", "fraud", "1", "--json")
    assert (ran.code, json.loads(ran.stdout)["still_served_by"]) == (1, "dev-fraud")
    assert "the endpoint dev-fraud goes on serving version 1, since no other version is approved: " in ran.stderr
    assert "mdlc model approve fraud VERSION" in ran.stderr
    assert "delete-endpoint --endpoint-name dev-fraud" in ran.stderr
    assert registry.approvals[1] == "Rejected"


def test_rejecting_what_serves_is_done_where_another_version_takes_its_place(mdlc: Mdlc, registry: Registry) -> None:
    registry.approvals[2] = "Approved"
    ran = mdlc("model", "reject", "fraud", "1", "--json")
    assert (ran.code, json.loads(ran.stdout)["still_served_by"]) == (0, None)


def test_rejecting_what_does_not_serve_is_done(mdlc: Mdlc, registry: Registry) -> None:
    ran = mdlc("model", "reject", "fraud", "2")
    assert (ran.code, ran.stdout) == (0, "Version 2 is rejected.\n")
    assert registry.approvals[1] == "Approved"


def test_reject_says_whether_anything_changed(mdlc: Mdlc, registry: Registry) -> None:
    assert json.loads(mdlc("model", "reject", "fraud", "1", "--json").stdout)["changed"] is True
    assert json.loads(mdlc("model", "reject", "fraud", "1", "--json").stdout)["changed"] is False
    assert len(registry.updates) == 1


@pytest.mark.usefixtures("registry")
def test_a_version_that_is_not_there(mdlc: Mdlc) -> None:
    ran = mdlc("model", "approve", "fraud", "9")
    assert (ran.code, ran.stderr.splitlines()[-1]) == (2, "mdlc: dev-fraud has no version 9.")


def test_an_environment_without_serving_keeps_its_registry(mdlc: Mdlc, registry: Registry, aws: FakeAws) -> None:
    del aws.stacks["dev-serving"]
    listed = json.loads(mdlc("model", "list", "fraud", "--json").stdout)
    assert (listed["endpoint"], listed["endpoint_status"]) == (None, "none")
    assert {version["rollout"] for version in listed["versions"]} == {"none"}
    waited = mdlc("model", "approve", "fraud", "2", "--wait")
    assert waited.code == 2
    assert "fraud has no endpoint in dev in AWS (eu-west-1): cdk deploy 'dev/*' brings it, unless" in waited.stderr
    assert not registry.updates
    assert mdlc("model", "approve", "fraud", "2").stdout == "Version 2 is approved.\n"
    assert registry.approvals[2] == "Approved"
