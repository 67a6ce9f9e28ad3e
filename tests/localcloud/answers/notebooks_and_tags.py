"""Notebook instances and tags."""

from typing import Any

from tests.localcloud.answers.case import PRESENT, Call, Case, answers, call, refuses, shows, until
from tests.localcloud.answers.sources import (
    ACK,
    BOTOCORE,
)

REFUSED = "ValidationException"


def notebook(**more: Any) -> Call:
    settings = {"NotebookInstanceName": "<id>", "InstanceType": "ml.t3.medium", "RoleArn": "<role>", **more}
    return call("sagemaker.CreateNotebookInstance", **settings)


def of_notebook(operation: str) -> Call:
    return call(f"sagemaker.{operation}", NotebookInstanceName="<id>")


RUNS = until(of_notebook("DescribeNotebookInstance"), NotebookInstanceStatus="InService")

NOTEBOOKS = (
    refuses(
        "describe a notebook instance that is not there",
        ACK + "NotebookInstance 404 code ValidationException, message_prefix 'RecordNotFound'",
        REFUSED,
        "^RecordNotFound",
        of_notebook("DescribeNotebookInstance"),
    ),
    refuses(
        "describe a notebook lifecycle configuration that is not there",
        ACK + "NotebookInstanceLifecycleConfig 404 message_prefix 'Unable to describe Notebook Instance Lifecycle "
        "Config'",
        REFUSED,
        "^Unable to describe Notebook Instance Lifecycle Config",
        call("sagemaker.DescribeNotebookInstanceLifecycleConfig", NotebookInstanceLifecycleConfigName="<id>"),
    ),
    shows(
        "what the service fills into a notebook instance",
        BOTOCORE + "CreateNotebookInstanceInput VolumeSizeInGB: The default value is 5 GB; RootAccess: The default "
        "value is Enabled; ACK late_initialize PlatformIdentifier",
        {
            "VolumeSizeInGB": 5,
            "RootAccess": "Enabled",
            "DirectInternetAccess": "Enabled",
            "PlatformIdentifier": PRESENT,
        },
        notebook(),
        of_notebook("DescribeNotebookInstance"),
    ),
    refuses(
        "start a notebook instance that runs",
        "aws/amazon-sagemaker-examples#1094: Status (Stopping) not in ([Stopped, Failed]). Unable to transition to "
        "(Pending) for Notebook Instance (arn:aws:sagemaker:…)",
        REFUSED,
        r"^Status \(InService\) not in \(\[Stopped, Failed\]\)\. Unable to transition to \(Pending\) for Notebook "
        r"Instance \(arn:aws:sagemaker:.*:notebook-instance/<id>\)",
        notebook(),
        RUNS,
        of_notebook("StartNotebookInstance"),
    ),
    refuses(
        "stop a notebook instance that is stopped",
        "aws/amazon-sagemaker-examples#1094: Status (Pending) not in ([InService]). Unable to transition to (Stopping) "
        "for Notebook Instance (arn:aws:sagemaker:…)",
        REFUSED,
        r"^Status \(Stopp(ed|ing)\) not in \(\[InService\]\)\. Unable to transition to \(Stopping\) for Notebook "
        r"Instance \(arn:aws:sagemaker:",
        notebook(),
        RUNS,
        of_notebook("StopNotebookInstance"),
        of_notebook("StopNotebookInstance"),
    ),
    refuses(
        "delete a notebook instance that runs",
        "rebuy-de/aws-nuke#192: the instance is not deleted because it is not in stopped state; words as of "
        "aws/amazon-sagemaker-examples#1094",
        REFUSED,
        r"^Status \(InService\) not in \(\[.*\]\)\. Unable to transition to \(Deleting\) for Notebook Instance",
        notebook(),
        RUNS,
        of_notebook("DeleteNotebookInstance"),
    ),
    refuses(
        "a volume of 4 GB",
        BOTOCORE + "NotebookInstanceVolumeSizeInGB min 5",
        REFUSED,
        "at 'volumeSizeInGB' failed to satisfy constraint: Member must have value greater than or equal to 5",
        notebook(VolumeSizeInGB=4),
    ),
    refuses(
        "a volume of 16385 GB",
        BOTOCORE + "NotebookInstanceVolumeSizeInGB max 16384",
        REFUSED,
        "at 'volumeSizeInGB' failed to satisfy constraint: Member must have value less than or equal to 16384",
        notebook(VolumeSizeInGB=16385),
    ),
    answers(
        "a volume of 16384 GB",
        BOTOCORE + "NotebookInstanceVolumeSizeInGB max 16384",
        notebook(VolumeSizeInGB=16384),
        NotebookInstanceArn=PRESENT,
    ),
)


def tag(*pairs: tuple[str, str]) -> Call:
    tags = [{"Key": key, "Value": value} for key, value in pairs]
    return call("sagemaker.AddTags", ResourceArn="<0.ModelPackageGroupArn>", Tags=tags)


TAGGED = call("sagemaker.CreateModelPackageGroup", ModelPackageGroupName="<id>")

TAGS = call("sagemaker.ListTags", ResourceArn="<0.ModelPackageGroupArn>")

TAGGING = (
    answers(
        "a tag's key of 128 and value of 256 characters",
        BOTOCORE + "TagKey max 128, TagValue max 256",
        TAGGED,
        tag(("k" * 128, "v" * 256)),
        Tags=[{"Key": "k" * 128, "Value": "v" * 256}],
    ),
    refuses(
        "a tag's key of 129 characters",
        BOTOCORE + "TagKey max 128",
        REFUSED,
        "tags.1.member.key' failed to satisfy constraint: Member must have length less than or equal to 128",
        TAGGED,
        tag(("k" * 129, "v")),
    ),
    refuses(
        "a tag's value of 257 characters",
        BOTOCORE + "TagValue max 256",
        REFUSED,
        "tags.1.member.value' failed to satisfy constraint: Member must have length less than or equal to 256",
        TAGGED,
        tag(("k", "v" * 257)),
    ),
    refuses(
        "a tag of AWS's own",
        "Amazon SageMaker API reference, Tag: AWS reserves the prefix aws: for tags (AWS General Reference, Tag naming "
        "limits and requirements: the aws: prefix is reserved for AWS use)",
        REFUSED,
        "aws:",
        TAGGED,
        tag(("aws:mine", "v")),
    ),
    refuses(
        "a key that no tag has",
        BOTOCORE + "TagKey pattern ([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)",
        REFUSED,
        "tags.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern",
        TAGGED,
        tag(("a#b", "v")),
    ),
    refuses(
        "fifty-one tags",
        BOTOCORE + "TagList max 50",
        REFUSED,
        "at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50",
        TAGGED,
        tag(*((f"k{n}", "v") for n in range(51))),
    ),
    shows(
        "a tag is overwritten",
        BOTOCORE + "AddTags: Adds or overwrites one or more tags for the specified SageMaker resource",
        {"Tags": [{"Key": "team", "Value": "b"}]},
        TAGGED,
        tag(("team", "a")),
        tag(("team", "b")),
        TAGS,
    ),
    shows(
        "a tag is deleted",
        BOTOCORE + "DeleteTags: Deletes the specified tags from an SageMaker resource",
        {"Tags": [{"Key": "team", "Value": "a"}]},
        TAGGED,
        tag(("team", "a"), ("cost", "b")),
        call("sagemaker.DeleteTags", ResourceArn="<0.ModelPackageGroupArn>", TagKeys=["cost"]),
        TAGS,
    ),
    refuses(
        "tags of something that is not there",
        BOTOCORE + "ListTags has no error of its own: the service's common ValidationException",
        REFUSED,
        "",
        call(
            "sagemaker.ListTags",
            ResourceArn="arn:aws:sagemaker:<region>:<account>:model-package-group/<id>",
        ),
    ),
)


CASES: tuple[Case, ...] = (*NOTEBOOKS, *TAGGING)
