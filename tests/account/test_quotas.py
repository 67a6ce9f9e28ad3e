"""Quotas by the names and values that people quote from their accounts."""

import pytest

from account.instance_types import Usage
from account.quotas import SERVICES, Profile, builds_quota, find, quota_name, quotas


@pytest.mark.parametrize(
    ("name", "said"),
    [  # as errors of accounts quote them: sources in account/quotas.csv
        (quota_name("ml.m4.xlarge", Usage.ENDPOINT), "ml.m4.xlarge for endpoint usage"),
        (quota_name("ml.p3.2xlarge", Usage.TRAINING), "ml.p3.2xlarge for training job usage"),
        (quota_name("ml.g5.xlarge", Usage.TRAINING, spot=True), "ml.g5.xlarge for spot training job usage"),
        (quota_name("ml.m5.xlarge", Usage.PROCESSING), "ml.m5.xlarge for processing job usage"),
        (quota_name("ml.p3.16xlarge", Usage.NOTEBOOK), "ml.p3.16xlarge for notebook instance usage"),
        (quota_name("ml.p3.2xlarge", Usage.STUDIO), "Studio JupyterLab Apps running on ml.p3.2xlarge instances"),
        (
            quota_name("ml.m5d.large", Usage.STUDIO, app="KernelGateway"),
            "Studio KernelGateway Apps running on ml.m5d.large instance",
        ),
    ],
)
def test_a_quota_is_called_what_aws_calls_it(name: str, said: str) -> None:
    assert name == said
    found = find(name)
    assert found
    assert (found.value(Profile.NEW), found.value(Profile.ESTABLISHED)) == (0, None)


def test_a_special_line_comes_before_the_general_one() -> None:
    values = {
        name: quota.new for name in ("ml.t2.medium", "ml.m5.large") if (quota := find(f"{name} for endpoint usage"))
    }
    assert values == {"ml.t2.medium": 1, "ml.m5.large": 0}


def test_quotas_have_names_of_their_own_and_sources() -> None:
    listed = [quota for service in SERVICES for quota in quotas(service)]
    assert len({quota.name for quota in listed}) == len(listed)
    assert not [
        quota.name for quota in listed if not quota.source or quota.mark not in {"published", "observed", "derived"}
    ]
    assert {"ml.m5.xlarge for spot training job usage", "Total domains"} <= {quota.name for quota in listed}
    assert not [quota.name for quota in listed if "*" in quota.name]


@pytest.mark.parametrize(
    ("environment", "compute", "name"),
    [  # CodeBuild user guide, "Quotas for AWS CodeBuild"
        ("LINUX_CONTAINER", "BUILD_GENERAL1_SMALL", "Concurrently running builds for Linux/Small environment"),
        ("LINUX_CONTAINER", "BUILD_GENERAL1_2XLARGE", "Concurrently running builds for Linux/2XLarge environment"),
        ("ARM_CONTAINER", "BUILD_GENERAL1_LARGE", "Concurrently running builds for ARM/Large environment"),
    ],
)
def test_builds_are_counted_by_platform_and_compute_type(environment: str, compute: str, name: str) -> None:
    assert builds_quota(environment, compute) == name
    found = find(name)
    assert found
    assert found.service == "codebuild"
    assert found.value(Profile.NEW) in {0, 1}


def test_a_new_account_runs_ten_functions_at_once() -> None:
    (found,) = quotas("lambda")
    assert (found.name, found.new, found.established, found.code) == ("Concurrent executions", 10, 1000, "L-B99A9384")


def test_a_name_that_is_no_quota_has_none() -> None:
    assert find("Rate of InvokeEndpoint requests") is None
