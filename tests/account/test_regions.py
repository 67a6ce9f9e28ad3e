"""Regions by what AWS's registry of resource types says of them."""

import pytest

from account.regions import has_type, zones


@pytest.mark.parametrize(
    ("region", "name", "there"),
    [  # cfn-lint 1.58.0, rule E3006
        ("eu-west-1", "AWS::Budgets::Budget", True),
        ("eu-north-1", "AWS::Budgets::Budget", False),
        ("us-west-1", "AWS::CodeArtifact::Domain", False),
        ("eu-central-2", "AWS::SageMaker::MlflowApp", False),
        ("me-central-1", "AWS::SageMaker::FeatureGroup", False),
        ("moon-1", "AWS::S3::Bucket", True),
    ],
)
def test_a_region_lacks_types(region: str, name: str, *, there: bool) -> None:
    assert has_type(region, name) is there


def test_a_region_has_zones_of_its_own() -> None:
    assert zones()["eu-west-1"] == ("eu-west-1a", "eu-west-1b", "eu-west-1c")
    assert zones()["us-west-1"] == ("us-west-1a", "us-west-1c")
    assert len(zones()["us-east-1"]) == 6
