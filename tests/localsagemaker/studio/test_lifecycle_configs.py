"""Lifecycle configurations of Studio: none goes that somebody names."""

from typing import Any

import pytest

from localsagemaker.errors import ServiceError
from tests.localsagemaker.fakes import Call
from tests.localsagemaker.studio.bench import DOMAIN, domain, settled

CONFIG = {
    "StudioLifecycleConfigName": "idle",
    "StudioLifecycleConfigContent": "c2xlZXA=",
    "StudioLifecycleConfigAppType": "JupyterLab",
}
NAME = {"StudioLifecycleConfigName": "idle"}


def test_a_configuration_stays_while_a_domain_names_it(call: Call) -> None:
    arn = call("CreateStudioLifecycleConfig", **CONFIG)["StudioLifecycleConfigArn"]
    assert arn == "arn:aws:sagemaker:eu-west-1:111111111111:studio-lifecycle-config/idle"
    assert call("DescribeStudioLifecycleConfig", **NAME)["StudioLifecycleConfigContent"] == "c2xlZXA="
    for kind, found in (("JupyterLab", 1), ("CodeEditor", 0)):
        assert len(call("ListStudioLifecycleConfigs", AppTypeEquals=kind)["StudioLifecycleConfigs"]) == found
    with pytest.raises(ServiceError) as refused:
        call("CreateStudioLifecycleConfig", **CONFIG)
    assert refused.value.code == "ResourceInUse"

    lab = {"JupyterLabAppSettings": {"LifecycleConfigArns": [arn]}}
    made = domain(call, DefaultUserSettings={**DOMAIN["DefaultUserSettings"], **lab})  # type: ignore[dict-item] # a dictionary
    with pytest.raises(ServiceError, match=f"in use by .*:domain/{made}"):
        call("DeleteStudioLifecycleConfig", **NAME)
    without: dict[str, Any] = {"JupyterLabAppSettings": {"LifecycleConfigArns": []}}
    call("UpdateDomain", DomainId=made, DefaultUserSettings=without)
    settled(call, "DescribeDomain", DomainId=made)
    call("DeleteStudioLifecycleConfig", **NAME)
    with pytest.raises(ServiceError, match="does not exist"):
        call("DescribeStudioLifecycleConfig", **NAME)
