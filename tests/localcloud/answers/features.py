"""The feature store."""

from typing import Any

from tests.localcloud.answers.case import ABSENT, PRESENT, Call, Case, answers, call, like, refuses, shows, until
from tests.localcloud.answers.sources import (
    ACK,
    BOTOCORE,
    RECORDS,
)

REFUSED = "ValidationException"


def definitions(*features: tuple[str, str]) -> list[dict[str, str]]:
    return [{"FeatureName": name, "FeatureType": kind} for name, kind in features]


CLAIM = definitions(("claim", "String"), ("time", "String"), ("amount", "Integral"))


def features(name: str = "<id>", **more: Any) -> Call:
    settings = {
        "FeatureGroupName": name,
        "RecordIdentifierFeatureName": "claim",
        "EventTimeFeatureName": "time",
        "FeatureDefinitions": CLAIM,
        "OnlineStoreConfig": {"EnableOnlineStore": True},
        "RoleArn": "<role>",
        **more,
    }
    return call("sagemaker.CreateFeatureGroup", **{k: v for k, v in settings.items() if v is not None})


def offline() -> Call:
    return features(OfflineStoreConfig={"S3StorageConfig": {"S3Uri": "s3://<bucket>/features"}})


DESCRIBED = call("sagemaker.DescribeFeatureGroup", FeatureGroupName="<id>")

CREATED = until(DESCRIBED, FeatureGroupStatus="Created")


def record(amount: str = "5", time: str = "2026-01-02T00:00:00Z", name: str = "amount") -> Call:
    values = [
        {"FeatureName": "claim", "ValueAsString": "c1"},
        {"FeatureName": "time", "ValueAsString": time},
        {"FeatureName": name, "ValueAsString": amount},
    ]
    return call("sagemaker-featurestore-runtime.PutRecord", FeatureGroupName="<id>", Record=values)


def read(claim: str = "c1") -> Call:
    return call(
        "sagemaker-featurestore-runtime.GetRecord", FeatureGroupName="<id>", RecordIdentifierValueAsString=claim
    )


AMOUNT = "Record[?FeatureName=='amount'].ValueAsString | [0]"

FEATURES = (
    refuses(
        "describe a feature group that is not there",
        ACK + "FeatureGroup 404 code ResourceNotFound",
        "ResourceNotFound",
        "<id>",
        DESCRIBED,
    ),
    refuses(
        "create a feature group twice",
        "getmoto/moto tests/test_sagemaker/test_sagemaker_feature_groups.py and a user's code (find_string): "
        "(ResourceInUse) Resource Already Exists: FeatureGroup with name X already exists. Choose a different name.",
        "ResourceInUse",
        r"Resource Already Exists: FeatureGroup with name <id> already exists\. Choose a different name\.",
        features(),
        features(),
    ),
    shows(
        "a feature group is Creating at first",
        "aws-controllers-k8s/sagemaker-controller pkg/resource/feature_group/testdata: featureGroupStatus Creating "
        "after create; botocore FeatureGroupStatus enum",
        {"FeatureGroupStatus": "Creating"},
        features(),
        DESCRIBED,
    ),
    shows(
        "what the service fills into an offline store",
        ACK + "FeatureGroup late_initialize OfflineStoreConfig.DisableGlueTableCreation, "
        "OfflineStoreConfig.S3StorageConfig.ResolvedOutputS3URI",
        {
            "OfflineStoreConfig.DisableGlueTableCreation": False,
            "OfflineStoreConfig.S3StorageConfig.ResolvedOutputS3Uri": like("^s3://<bucket>/features/.*<id>"),
        },
        offline(),
        CREATED,
        DESCRIBED,
    ),
    refuses(
        "feature group name of 65 characters",
        BOTOCORE + "FeatureGroupName max 64",
        REFUSED,
        "at 'featureGroupName' failed to satisfy constraint: Member must",
        features("f" * 65),
    ),
    answers(
        "feature group name of 64 characters",
        BOTOCORE + "FeatureGroupName max 64",
        features("<id>" + "f" * 54),
        FeatureGroupArn=PRESENT,
    ),
    *(
        refuses(
            f"the reserved feature name {name}",
            BOTOCORE + "FeatureDefinition FeatureName cannot be any of: is_deleted, write_time, api_invocation_time",
            REFUSED,
            name,
            features(FeatureDefinitions=[*CLAIM, *definitions((name, "String"))]),
        )
        for name in ("is_deleted", "write_time", "api_invocation_time")
    ),
    refuses(
        "an identifier that is no feature",
        BOTOCORE + "RecordIdentifierFeatureName must be one of feature definitions' names",
        REFUSED,
        "",
        features(RecordIdentifierFeatureName="policy"),
    ),
    refuses(
        "an event time that is a whole number",
        BOTOCORE + "EventTimeFeatureName: An EventTime can be a String or Fractional",
        REFUSED,
        "",
        features(EventTimeFeatureName="amount"),
    ),
    refuses(
        "a feature group without a store",
        BOTOCORE + "CreateFeatureGroup: You must include at least one of OnlineStoreConfig and OfflineStoreConfig",
        REFUSED,
        "",
        features(OnlineStoreConfig=None),
    ),
    refuses(
        "put a record into nothing",
        "aws/sagemaker-python-sdk#2606: (ValidationError) when calling the PutRecord operation: Resource Not Found: "
        "Amazon SageMaker can't find a FeatureGroup with name",
        "ValidationError",
        "Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name",
        record(),
    ),
    refuses(
        "get a record from nothing",
        RECORDS + "GetRecord errors: ResourceNotFound: A resource that is required to perform an action was not found",
        "ResourceNotFound",
        "",
        read(),
    ),
    shows(
        "get a record that is not there",
        RECORDS + "GetRecord: If no Record with RecordIdentifierValue is found, then an empty result is returned",
        {"Record": ABSENT},
        features(),
        CREATED,
        read("none"),
    ),
    shows(
        "get a record",
        RECORDS + "GetRecordResponse Record: The record you requested. A list of FeatureValues",
        {AMOUNT: "5", "length(Record)": 3},
        features(),
        CREATED,
        record(),
        read(),
    ),
    shows(
        "an older record does not replace a newer one",
        RECORDS + "PutRecord: If a new record's EventTime is greater, the new record is written to both … Otherwise, "
        "the record is a historic record and it is written only to the OfflineStore",
        {AMOUNT: "5"},
        features(),
        CREATED,
        record(),
        record(amount="9", time="2026-01-01T00:00:00Z"),
        read(),
    ),
    shows(
        "a newer record replaces an older one",
        RECORDS + "PutRecord: If a new record's EventTime is greater, the new record is written to both",
        {AMOUNT: "9"},
        features(),
        CREATED,
        record(),
        record(amount="9", time="2026-01-03T00:00:00Z"),
        read(),
    ),
    shows(
        "a deleted record is not read",
        RECORDS + "DeleteRecord: the record is no longer retrievable by GetRecord or BatchGetRecord",
        {"Record": ABSENT},
        features(),
        CREATED,
        record(),
        call(
            "sagemaker-featurestore-runtime.DeleteRecord",
            FeatureGroupName="<id>",
            RecordIdentifierValueAsString="c1",
            EventTime="2026-01-03T00:00:00Z",
        ),
        read(),
    ),
    shows(
        "a record is not deleted as of a time before it",
        RECORDS + "DeleteRecord: EventTime … should be set later than the EventTime of the existing record … If it is "
        "not, the deletion does not occur",
        {AMOUNT: "5"},
        features(),
        CREATED,
        record(),
        call(
            "sagemaker-featurestore-runtime.DeleteRecord",
            FeatureGroupName="<id>",
            RecordIdentifierValueAsString="c1",
            EventTime="2026-01-01T00:00:00Z",
        ),
        read(),
    ),
    refuses(
        "a record with a feature that the group lacks",
        RECORDS + "PutRecord errors: ValidationError: There was an error validating your request",
        "ValidationError",
        "colour",
        features(),
        CREATED,
        record(name="colour"),
    ),
    refuses(
        "a text for a whole number",
        RECORDS + "PutRecord errors: ValidationError; botocore FeatureType Integral",
        "ValidationError",
        "amount",
        features(),
        CREATED,
        record(amount="many"),
    ),
    refuses(
        "metadata of a feature that is not there",
        BOTOCORE + "DescribeFeatureMetadata errors: ResourceNotFound",
        "ResourceNotFound",
        "",
        features(),
        CREATED,
        call("sagemaker.DescribeFeatureMetadata", FeatureGroupName="<id>", FeatureName="none"),
    ),
    shows(
        "feature groups by a part of their name",
        BOTOCORE + "ListFeatureGroupsRequest NameContains: A string that partially matches one or more FeatureGroups "
        "names",
        {"FeatureGroupSummaries[].FeatureGroupName": ["<id>"]},
        features(),
        CREATED,
        call("sagemaker.ListFeatureGroups", NameContains="<id>"),
    ),
)


CASES: tuple[Case, ...] = FEATURES
