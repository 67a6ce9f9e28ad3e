"""A store of tasks on a local cloud, whose clock the tests set, and whose calls they may let fail."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from labels.task import Terms
from localcloud.console import Running
from localcloud.lifecycle import LocalCloud
from task_store import items
from task_store.contents import Contents
from task_store.jobs import Job
from task_store.stream_store import StreamStore
from task_store.table import TaskTable

TERMS = Terms(limit=300, patience=60, available=3600)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A local cloud."""
    cloud = LocalCloud(tmp_path_factory.mktemp("cloud"))
    cloud.up()
    yield cloud.running()
    cloud.down()


@dataclass
class Workshop:
    """A table and a bucket of their own, and a clock."""

    running: Running
    name: str
    now: int = 1_000
    kinds: tuple[Any, Any] = (StreamStore, TaskTable)
    """What the store and its table are made of: faulty ones, where a test plants faults."""

    def client(self, service: str) -> Any:
        connect: Any = boto3.Session().client
        here = self.running
        return connect(service, here.region, None, True, None, here.endpoint, here.account, here.secret)  # noqa: FBT003 - boto3's order

    def store(self, before: Callable[[], None] | None = None) -> StreamStore:
        """Return a store; `before` is called before and after each of its calls, and may raise."""
        clients = [self.client("dynamodb"), self.client("s3")]
        if before is not None:
            for client in clients:
                for moment in ("before-call", "after-call"):
                    client.meta.events.register(moment, lambda **_: before())
        store, table = self.kinds
        made: StreamStore = store(table(clients[0], self.name), Contents(clients[1], self.name), lambda: self.now)
        return made

    def job(self, wanted: int = 3, terms: Terms = TERMS) -> Job:
        job = Job("birds", terms, wanted, '{"LabelingJobName": "birds"}')
        assert self.store().create(job)
        return self.store().job(job.name)

    def fresh(self, name: str) -> "Workshop":
        """Return another one, with a table with its indexes and an empty bucket."""
        made = Workshop(self.running, f"tasks-{name}")
        made.client("s3").create_bucket(
            Bucket=made.name, CreateBucketConfiguration={"LocationConstraint": made.running.region}
        )
        names = {name for keys in items.KEYS.values() for name in keys}
        schemas = {
            index: [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=True)]
            for index, keys in items.KEYS.items()
        }
        made.client("dynamodb").create_table(
            TableName=made.name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": key, "AttributeType": "N" if key in items.NUMBERS else "S"} for key in sorted(names)
            ],
            KeySchema=schemas.pop(""),
            GlobalSecondaryIndexes=[
                {
                    "IndexName": index,
                    "KeySchema": schema,
                    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(items.COPIED[index])},
                }
                for index, schema in schemas.items()
            ],
        )
        return made


@pytest.fixture
def workshop(running: Running) -> Workshop:
    """A table and a bucket of the test's own."""
    return Workshop(running, "").fresh(uuid.uuid4().hex[:8])
