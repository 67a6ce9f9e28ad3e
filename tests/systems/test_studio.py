"""Studio end to end on the local cloud: everybody has a place of their own, and nobody another's."""

import time

import pytest
from botocore.exceptions import ClientError

from tests.systems.workplace import Workplace

pytestmark = [pytest.mark.slow, pytest.mark.end_to_end, pytest.mark.timeout(900)]
SCIENTIST, ENGINEER = "data-scientist", "ml-engineer"


def test_a_data_scientist_works_in_a_space_of_their_own_and_in_no_other(demo: Workplace) -> None:
    domain = demo.output("dev-studio", "StudioDomainId")
    described = demo.client("sagemaker").describe_domain(DomainId=domain)
    assert (described["Status"], described["AppNetworkAccessType"]) == ("InService", "VpcOnly")
    scientist = demo.somebody_like("dev", f"Studio user {SCIENTIST}, data scientist").client("sagemaker")
    app = {"DomainId": domain, "AppType": "JupyterLab", "AppName": "default"}
    scientist.create_app(**app, SpaceName=SCIENTIST)
    end = time.monotonic() + 120
    while (status := scientist.describe_app(**app, SpaceName=SCIENTIST)["Status"]) == "Pending":
        assert time.monotonic() < end
        time.sleep(0.5)
    assert status == "InService"
    with pytest.raises(ClientError, match="AccessDenied"):
        scientist.create_app(**app, SpaceName=ENGINEER)
    scientist.delete_app(**app, SpaceName=SCIENTIST)
