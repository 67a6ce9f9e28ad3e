"""The store of the environment that a function runs in."""

import time
from collections.abc import Mapping

import boto3

from task_store.contents import Contents
from task_store.reviews import ReviewStore
from task_store.stream_store import StreamStore
from task_store.table import TaskTable


def open_store(environment: Mapping[str, str]) -> StreamStore:
    """Return the store that TASKS_TABLE and DATA_BUCKET name; its clock is that of the machine."""
    table = TaskTable(boto3.client("dynamodb"), environment["TASKS_TABLE"])
    return StreamStore(table, Contents(boto3.client("s3"), environment["DATA_BUCKET"]), lambda: int(time.time()))


def open_reviews(environment: Mapping[str, str]) -> ReviewStore:
    """Return the same store with what it knows of reviews."""
    table = TaskTable(boto3.client("dynamodb"), environment["TASKS_TABLE"])
    return ReviewStore(table, Contents(boto3.client("s3"), environment["DATA_BUCKET"]), lambda: int(time.time()))
