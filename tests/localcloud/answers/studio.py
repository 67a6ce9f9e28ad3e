"""Studio."""

from typing import Any

from tests.localcloud.answers.case import Call, Case, call, like, refuses, shows, until
from tests.localcloud.answers.sources import (
    ACK,
    BOTOCORE,
    TERRAFORM,
)

REFUSED = "ValidationException"


def of_domain(operation: str, **more: Any) -> Call:
    return call(f"sagemaker.{operation}", DomainId="<domain>", **more)


PROFILE = of_domain("CreateUserProfile", UserProfileName="<id>")

PROFILED = until(of_domain("DescribeUserProfile", UserProfileName="<id>"), Status="InService")

APP = of_domain("CreateApp", UserProfileName="<id>", AppType="JupyterServer", AppName="default")

DOMAINS = (
    refuses(
        "describe a domain that is not there",
        ACK + "Domain 404 code ResourceNotFound",
        "ResourceNotFound",
        "",
        call("sagemaker.DescribeDomain", DomainId="d-abcdefghijkl"),
    ),
    refuses(
        "delete a domain that is not there",
        BOTOCORE + "DeleteDomain errors: ResourceNotFound",
        "ResourceNotFound",
        "",
        call("sagemaker.DeleteDomain", DomainId="d-abcdefghijkl"),
    ),
    refuses(
        "a domain id that is none",
        BOTOCORE + "DomainId pattern d-(-*[a-z0-9]){1,61}",
        REFUSED,
        "Value 'my-domain' at 'domainId' failed to satisfy constraint: Member must satisfy regular expression pattern",
        call("sagemaker.DescribeDomain", DomainId="my-domain"),
    ),
    shows(
        "what a domain says of itself",
        BOTOCORE + "CreateDomainRequest AppNetworkAccessType: The default value is PublicInternetOnly; DomainId "
        "pattern; ACK late_initialize AppNetworkAccessType",
        {
            "AppNetworkAccessType": "PublicInternetOnly",
            "DomainId": like("^d-[a-z0-9]+$"),
            "Url": like("^https://"),
            "HomeEfsFileSystemId": like("^fs-"),
            "AuthMode": "IAM",
        },
        of_domain("DescribeDomain"),
    ),
    refuses(
        "describe a user profile that is not there",
        ACK + "UserProfile 404 code ResourceNotFound",
        "ResourceNotFound",
        "",
        of_domain("DescribeUserProfile", UserProfileName="nobody"),
    ),
    refuses(
        "describe an app that is not there",
        ACK + "App 404 code ResourceNotFound",
        "ResourceNotFound",
        "",
        PROFILE,
        PROFILED,
        of_domain("DescribeApp", UserProfileName="<id>", AppType="JupyterServer", AppName="none"),
    ),
    refuses(
        "describe a space that is not there",
        BOTOCORE + "DescribeSpace errors: ResourceNotFound",
        "ResourceNotFound",
        "",
        of_domain("DescribeSpace", SpaceName="none"),
    ),
    refuses(
        "create a user profile twice",
        BOTOCORE + "CreateUserProfile errors: ResourceInUse",
        "ResourceInUse",
        "",
        PROFILE,
        PROFILE,
    ),
    refuses(
        "delete a domain that has user profiles",
        BOTOCORE + "DeleteDomain errors: ResourceInUse",
        "ResourceInUse",
        "",
        PROFILE,
        PROFILED,
        of_domain("DeleteDomain"),
    ),
    refuses(
        "delete a user profile that has apps",
        "aws/amazon-sagemaker-feedback#113: ResourceInUse Unable to delete UserProfile [arn:aws:sagemaker:…] because "
        "App(s) are associated with it.",
        "ResourceInUse",
        r"^Unable to delete UserProfile \[arn:aws:sagemaker:.*/<id>\] because App\(s\) are associated with it",
        PROFILE,
        PROFILED,
        APP,
        of_domain("DeleteUserProfile", UserProfileName="<id>"),
    ),
    shows(
        "user profiles are listed oldest first",
        BOTOCORE + "ListUserProfilesRequest SortOrder: The default is Ascending; SortBy: The default is CreationTime",
        {"UserProfiles[].UserProfileName": ["<id>-z", "<id>"]},
        of_domain("CreateUserProfile", UserProfileName="<id>-z"),
        PROFILE,
        call("sagemaker.ListUserProfiles", DomainIdEquals="<domain>", UserProfileNameContains="<id>"),
    ),
    refuses(
        "describe a Studio lifecycle configuration that is not there",
        TERRAFORM + "find.go FindStudioLifecycleConfigByName: ResourceNotFound",
        "ResourceNotFound",
        "",
        call("sagemaker.DescribeStudioLifecycleConfig", StudioLifecycleConfigName="<id>"),
    ),
    refuses(
        "create a Studio lifecycle configuration twice",
        BOTOCORE + "CreateStudioLifecycleConfig errors: ResourceInUse",
        "ResourceInUse",
        "",
        *(
            call(
                "sagemaker.CreateStudioLifecycleConfig",
                StudioLifecycleConfigName="<id>",
                StudioLifecycleConfigContent="ZWNobyBoaQ==",
                StudioLifecycleConfigAppType="JupyterLab",
            ),
        )
        * 2,
    ),
    refuses(
        "describe a human task UI that is not there",
        TERRAFORM + "find.go FindHumanTaskUIByName: ResourceNotFound",
        "ResourceNotFound",
        "",
        call("sagemaker.DescribeHumanTaskUi", HumanTaskUiName="<id>"),
    ),
    refuses(
        "describe a work team that is not there",
        TERRAFORM + "find.go FindWorkteamByName: ValidationException 'The work team'",
        REFUSED,
        "The work team",
        call("sagemaker.DescribeWorkteam", WorkteamName="<id>"),
    ),
)


CASES: tuple[Case, ...] = DOMAINS
