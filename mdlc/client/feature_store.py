"""Feature groups of an environment through AWS's APIs: the domain logic of `mdlc.features`, with a cloud behind it."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, cast

from botocore.exceptions import BotoCoreError, ClientError

from localsagemaker.feature_store import records
from localsagemaker.feature_store.history import Event, History
from localsagemaker.feature_store.records import RecordError
from localsagemaker.feature_store.schema import Definition, Schema, SchemaError
from mdlc.client.aws import Cloud, sentence, split_s3_uri
from mdlc.client.waiting import until
from mdlc.errors import CommandError, InputError

BATCH: Final = 100
"""Identifiers that one `BatchGetRecord` takes."""
READERS: Final = 8
GROW_SECONDS: Final = 600.0
"""How long a group may take to have new features."""
_SUFFIX: Final = "FeatureGroupName"


def groups(cloud: Cloud, environment: str) -> dict[str, str]:
    """Return the names of an environment's feature groups, by what commands call them."""
    outputs = cloud.outputs(environment)
    return {key.removesuffix(_SUFFIX).lower(): outputs[key] for key in sorted(outputs) if key.endswith(_SUFFIX)}


@dataclass(frozen=True)
class Group:
    """One feature group of an environment."""

    cloud: Cloud
    name: str

    @classmethod
    def find(cls, cloud: Cloud, environment: str, name: str) -> "Group":
        """Return the group that the environment's stack calls `name`; `InputError` when it has none."""
        if not name.isidentifier():
            raise InputError(f"{name!r} is no feature group: give a name such as customers.")
        found = groups(cloud, environment)
        if name not in found:
            known = f"there are {', '.join(sorted(found))}" if found else cloud.remedy(environment)
            raise InputError(f"{cloud.place(environment)} has no feature group {name}: {known}.")
        return cls(cloud, found[name])

    @property
    def description(self) -> Mapping[str, Any]:
        """What AWS says of the group now."""
        return self.cloud.sagemaker.describe_feature_group(FeatureGroupName=self.name)

    @cached_property
    def schema(self) -> Schema:
        """Its features as they were when they were asked for first."""
        return Schema.described(self.description)

    def put(self, values: Mapping[str, str]) -> None:
        """Write one record; `RecordError` with AWS's words when it is not taken."""
        try:
            self.cloud.records.put_record(FeatureGroupName=self.name, Record=cast("Any", records.to_api(values)))
        except (ClientError, BotoCoreError) as error:
            raise RecordError(sentence(error)) from None

    def get(self, identifier: str) -> dict[str, str] | None:
        """Return the latest record of an identifier; none when the online store has none."""
        answer = self.cloud.records.get_record(FeatureGroupName=self.name, RecordIdentifierValueAsString=identifier)
        return records.from_api(answer["Record"]) if answer.get("Record") else None

    def get_many(self, identifiers: Sequence[str]) -> dict[str, dict[str, str]]:
        """Return the latest records by identifier; those that the online store lacks are not there.

        Identifiers that AWS leaves unprocessed are asked for again. Raise `CommandError` when one cannot be read.
        """
        found: dict[str, dict[str, str]] = {}
        waiting = list(dict.fromkeys(identifiers))
        while waiting:
            batch, waiting = waiting[:BATCH], waiting[BATCH:]
            answer = self.cloud.records.batch_get_record(
                Identifiers=[{"FeatureGroupName": self.name, "RecordIdentifiersValueAsString": batch}]
            )
            if answer["Errors"]:
                error = answer["Errors"][0]
                raise CommandError(f"{error['RecordIdentifierValueAsString']}: {error['ErrorMessage']}")
            for item in answer["Records"]:
                found[item["RecordIdentifierValueAsString"]] = records.from_api(item["Record"])
            again = [one for item in answer["UnprocessedIdentifiers"] for one in item["RecordIdentifiersValueAsString"]]
            if again == batch:
                raise CommandError(f"{self.name} processes no identifiers at the moment: try again.")
            waiting = [*again, *waiting]
        return {identifier: found[identifier] for identifier in identifiers if identifier in found}

    def metadata(self, feature: str) -> dict[str, Any]:
        """Return the description and the parameters of a feature."""
        shown = self.cloud.sagemaker.describe_feature_metadata(FeatureGroupName=self.name, FeatureName=feature)
        parameters = {item.get("Key", ""): item.get("Value", "") for item in shown.get("Parameters", ())}
        return {"description": shown.get("Description", ""), "parameters": parameters}

    def grow(self, additions: Sequence[Definition], *, known_ones_too: bool = False) -> list[Definition]:
        """Add features and return those that are new, once they are there.

        Those that the group has are passed over with `known_ones_too`. Raise `InputError` when the group cannot have
        them, `CommandError` when the update failed or lasted too long.
        """
        now = Schema.described(self.description)
        new = [item for item in additions if not known_ones_too or item.name not in now.types]
        if not new:
            return []
        try:
            now.grown(new)
        except SchemaError as error:
            raise InputError(str(error)) from None
        self.cloud.sagemaker.update_feature_group(
            FeatureGroupName=self.name,
            FeatureAdditions=[{"FeatureName": item.name, "FeatureType": item.type} for item in new],
        )
        self._await_update()
        return new

    def _await_update(self) -> None:
        update = until(
            lambda: self.description.get("LastUpdateStatus", {"Status": "Successful"}),
            lambda update: update["Status"] != "InProgress",
            late=lambda _: f"{self.name} is still being updated",
            timeout=GROW_SECONDS,
            interval=self.cloud.poll_seconds,
        )
        if update["Status"] == "Failed":
            raise CommandError(f"{self.name} was not updated: {update.get('FailureReason', 'AWS gives no reason')}")

    @property
    def offline_uri(self) -> str:
        """Folder of the offline store; `InputError` when the group has none."""
        config = self.description.get("OfflineStoreConfig")
        if not config:
            raise InputError(f"{self.name} has no offline store.")
        return str(config["S3StorageConfig"]["ResolvedOutputS3Uri"])

    def history(self) -> History:
        """Read the whole offline store; records of the last minutes may not be there yet."""
        from localsagemaker.feature_store import parquet  # noqa: PLC0415 - pyarrow takes 0.2 s, which no other command should wait for

        schema = Schema.described(self.description)
        bucket, prefix = split_s3_uri(self.offline_uri)

        def read(key: str) -> list[Event]:
            content = self.cloud.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            return parquet.read(schema, content)

        with ThreadPoolExecutor(READERS, thread_name_prefix="offline") as pool:
            events = [event for found in pool.map(read, self._files(bucket, prefix)) for event in found]
        return History(schema.identifier, events)

    def _files(self, bucket: str, prefix: str) -> Iterator[str]:
        for page in self.cloud.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/"):
            yield from (item["Key"] for item in page.get("Contents", ()) if item["Key"].endswith(".parquet"))
