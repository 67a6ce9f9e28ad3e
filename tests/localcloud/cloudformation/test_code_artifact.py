"""AWS::CodeArtifact types in templates, against the running cloud."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def test_package_repositories_are_recorded_with_their_arns(deploy: Callable[..., Any]) -> None:
    domain = {"Type": "AWS::CodeArtifact::Domain", "Properties": {"DomainName": "platform"}}
    names = {"DomainName": {"Fn::GetAtt": ["Domain", "Name"]}, "RepositoryName": "python"}
    repository = {"Type": "AWS::CodeArtifact::Repository", "Properties": names}
    stack = deploy({"Domain": domain, "Repository": repository}, Repository={"Ref": "Repository"})
    arn = "arn:aws:codeartifact:eu-west-1:111111111111:repository/platform/python"
    assert stack["Outputs"]["Repository"] == arn
