"""Clients of the local cloud for the local cloud itself, as the root of an account."""

import os
from typing import TYPE_CHECKING

import boto3

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def root_session(account: str, region: str) -> boto3.Session:
    """Open a session of the account's root: its access key is the account's number, its secret this process's."""
    return boto3.Session(account, os.environ["AWS_SECRET_ACCESS_KEY"], region_name=region)


def s3(account: str, region: str) -> "S3Client":
    """S3 as the account's root sees it."""
    return root_session(account, region).client("s3")
