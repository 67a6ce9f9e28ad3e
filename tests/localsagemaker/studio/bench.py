"""Studio domains of the tests, and waiting for what settles."""

import time
from typing import Any

from localsagemaker.errors import ServiceError
from tests.localsagemaker.fakes import ROLE, Call

DOMAIN = {
    "DomainName": "dev",
    "AuthMode": "IAM",
    "DefaultUserSettings": {"ExecutionRole": ROLE, "SecurityGroups": ["sg-default"]},
    "AppNetworkAccessType": "VpcOnly",
    "VpcId": "vpc-1",
    "SubnetIds": ["subnet-1", "subnet-2"],
}


def settled(call: Call, operation: str, status: str = "Status", **names: Any) -> str:
    """Describe something until its status settles, and return it; `gone` when it is not there any more."""
    while True:
        try:
            found = str(call(operation, **names)[status])
        except ServiceError as error:
            if error.code == "ResourceNotFound" or "RecordNotFound" in str(error):
                return "gone"
            raise
        if found not in {"Pending", "Updating", "Deleting", "Stopping"}:
            return found
        time.sleep(0.005)


def domain(call: Call, **changes: Any) -> str:
    """Make a domain, wait until it is in service, and return its id."""
    made = str(call("CreateDomain", **{**DOMAIN, **changes})["DomainId"])
    assert settled(call, "DescribeDomain", DomainId=made) == "InService"
    return made


def profile(call: Call, within: str, name: str = "ana", **members: Any) -> None:
    """Make a user profile, and wait until it is in service."""
    call("CreateUserProfile", DomainId=within, UserProfileName=name, **members)
    assert settled(call, "DescribeUserProfile", DomainId=within, UserProfileName=name) == "InService"


def space(call: Call, within: str, name: str = "lab", owner: str = "ana", sharing: str = "Private") -> None:
    """Make a space for JupyterLab, and wait until it is in service."""
    call(
        "CreateSpace",
        DomainId=within,
        SpaceName=name,
        OwnershipSettings={"OwnerUserProfileName": owner},
        SpaceSharingSettings={"SharingType": sharing},
        SpaceSettings={"AppType": "JupyterLab"},
    )
    assert settled(call, "DescribeSpace", DomainId=within, SpaceName=name) == "InService"


def app(within: str, name: str = "lab") -> dict[str, str]:
    """Return the parameters that name the app of a space."""
    return {"DomainId": within, "SpaceName": name, "AppType": "JupyterLab", "AppName": "default"}
