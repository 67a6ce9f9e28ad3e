"""The feature store's runtime: records in and out of the stores of a group."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from localsagemaker.errors import ServiceError
from localsagemaker.feature_store import records
from localsagemaker.feature_store.event_time import MICRO
from localsagemaker.feature_store.history import Event
from localsagemaker.feature_store.kinds import FEATURE_GROUP
from localsagemaker.feature_store.records import RecordError
from localsagemaker.feature_store.schema import Schema
from localsagemaker.feature_store.stores import Latest, OfflineStore, OnlineStore, Stores, expiry, microseconds
from localsagemaker.kernel.authorization import Authorizer
from localsagemaker.kernel.host import Caller
from localsagemaker.kernel.listing import page
from localsagemaker.kernel.members import judge
from localsagemaker.kernel.requests import Request, operation_model, parse
from localsagemaker.kernel.resources import Record, Resources

SERVICE: Final = "sagemaker-featurestore-runtime"
INVALID: Final = "ValidationError"
FORBIDDEN: Final = 403
MISSING: Final = 404


class FeatureStoreRuntime:
    """Records put, got, listed and deleted, one by one and many at once.

    A number that identifies a record has one spelling, that of the offline store: 007 is 7 online too.

    `UpdateRecord` is refused by name: only the online stores `Standard_V2` and `InMemory` have it.
    """

    def __init__(self, authorizer: Authorizer, resources: Resources, stores: Stores) -> None:
        self._authorizer, self._resources, self._stores = authorizer, resources, stores
        self.operations: Mapping[str, Callable[[Request], dict[str, Any]]] = {
            "PutRecord": self._put,
            "GetRecord": self._get,
            "BatchGetRecord": self._get_many,
            "BatchWriteRecord": self._put_many,
            "ListRecords": self._list,
            "DeleteRecord": self._delete,
        }

    def call(self, operation: str, parameters: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Run one operation and return its output members.

        Raises `ServiceError` with the runtime's codes: `ValidationError`, `ResourceNotFound`, and
        `AccessDeniedException`, `UnknownOperationException`.
        """
        operation_model(operation, SERVICE)
        handler = self.operations.get(operation)
        if handler is None:
            raise ServiceError(
                "UnknownOperationException", f"{operation} is not provided by the local feature store.", MISSING
            )
        try:
            request = parse(operation, parameters, caller, SERVICE)
            judge(request, SERVICE)
            self._authorizer.authorize(request)
        except ServiceError as error:
            if error.code == "AccessDeniedException":
                raise ServiceError(error.code, str(error), FORBIDDEN) from None
            raise ServiceError(INVALID, str(error)) from None
        return handler(request)

    def _put(self, request: Request) -> dict[str, Any]:
        self._write(request, request.parameters)
        return {}

    def _put_many(self, request: Request) -> dict[str, Any]:
        errors: list[dict[str, Any]] = []
        for entry in request.parameters["Entries"]:
            duration = entry.get("TtlDuration") or request.parameters.get("TtlDuration")
            try:
                self._write(request, {**entry, "TtlDuration": duration})
            except ServiceError as error:
                errors.append({"Entry": entry, "ErrorCode": error.code, "ErrorMessage": str(error)})
        return {"Errors": errors, "UnprocessedEntries": []}

    def _write(self, request: Request, parameters: Mapping[str, Any]) -> None:
        group, schema = self._group(request, parameters["FeatureGroupName"])
        try:
            values = records.from_api(parameters["Record"])
            moment = records.check(schema, values)
        except RecordError as error:
            raise ServiceError(INVALID, f"Validation Error: {error}") from None
        values[schema.identifier] = schema.identity(values[schema.identifier])
        online, offline = self._targets(group, parameters)
        if online is not None:
            duration = parameters.get("TtlDuration") or group["OnlineStoreConfig"].get("TtlDuration")
            online.put(values[schema.identifier], Latest(values, moment, expiry(moment, duration)))
        if offline is not None:
            offline.add(schema, Event(values, moment, microseconds(), 0))

    def _get(self, request: Request) -> dict[str, Any]:
        parameters = request.parameters
        group, schema = self._group(request, parameters["FeatureGroupName"])
        found = self._online(group).get(schema.identity(parameters["RecordIdentifierValueAsString"]))
        return _show(schema, found, parameters) if found else {}

    def _get_many(self, request: Request) -> dict[str, Any]:
        shown: list[dict[str, Any]] = []
        errors: list[dict[str, Any]] = []
        for wanted in request.parameters["Identifiers"]:
            name = wanted["FeatureGroupName"]
            for identifier in wanted["RecordIdentifiersValueAsString"]:
                place = {"FeatureGroupName": name, "RecordIdentifierValueAsString": identifier}
                try:
                    group, schema = self._group(request, name)
                    found = self._online(group).get(schema.identity(identifier))
                    if found:
                        shown.append({**place, **_show(schema, found, {**request.parameters, **wanted})})
                except ServiceError as error:
                    errors.append({**place, "ErrorCode": error.code, "ErrorMessage": str(error)})
        return {"Records": shown, "Errors": errors, "UnprocessedIdentifiers": []}

    def _list(self, request: Request) -> dict[str, Any]:
        parameters = request.parameters
        group, _ = self._group(request, parameters["FeatureGroupName"])
        identifiers = self._online(group).identifiers(deleted=parameters.get("IncludeSoftDeletedRecords", False))
        try:
            return page(request, "RecordIdentifiers", identifiers)
        except ServiceError as error:
            raise ServiceError(INVALID, str(error)) from None

    def _delete(self, request: Request) -> dict[str, Any]:
        parameters = request.parameters
        group, schema = self._group(request, parameters["FeatureGroupName"])
        identifier, written = schema.identity(parameters["RecordIdentifierValueAsString"]), parameters["EventTime"]
        values = {schema.identifier: identifier, schema.event_time: written}
        try:
            moment = records.check(schema, values)
        except RecordError as error:
            raise ServiceError(INVALID, f"Validation Error: {error}") from None
        online, offline = self._targets(group, parameters)
        if online is not None:
            if parameters.get("DeletionMode") == "HardDelete":
                if not online.remove(identifier, moment):
                    raise ServiceError(
                        INVALID, f"EventTime: {written} is not later than that of the record, which stays."
                    )
            else:
                online.put(identifier, Latest(values, moment, None, deleted=True))
        if offline is not None:
            offline.add(schema, Event(values, moment, microseconds(), 0, deleted=True))
        return {}

    def _group(self, request: Request, identifier: str) -> tuple[Record, Schema]:
        found = self._resources.find(FEATURE_GROUP, request.scope, identifier)
        if found is None:
            name = FEATURE_GROUP.name_of(identifier)
            message = f"Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name {name}"
            if request.operation in {"PutRecord", "DeleteRecord"}:  # they have no error for what is not there
                raise ServiceError(INVALID, message)
            raise ServiceError("ResourceNotFound", message, MISSING)
        return found, Schema.described(found)

    def _online(self, group: Record) -> OnlineStore:
        store = self._stores.online(group["FeatureGroupArn"])
        if store is None:
            raise ServiceError(INVALID, f"The online store of {group['FeatureGroupName']} is not enabled.")
        return store

    def _targets(self, group: Record, parameters: Mapping[str, Any]) -> tuple[OnlineStore | None, OfflineStore | None]:
        """Return the stores that a request writes to: those that it names, else those that the group has."""
        arn = group["FeatureGroupArn"]
        online, offline = self._stores.online(arn), self._stores.offline(arn)
        wanted = parameters.get("TargetStores") or ["OnlineStore", "OfflineStore"]
        if parameters.get("TargetStores"):
            for name, store in (("OnlineStore", online), ("OfflineStore", offline)):
                if name in wanted and store is None:
                    raise ServiceError(INVALID, f"{group['FeatureGroupName']} has no {name}.")
        return online if "OnlineStore" in wanted else None, offline if "OfflineStore" in wanted else None


def _show(schema: Schema, found: Latest, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the features of a record in the group's order, or those that the request names."""
    names = parameters.get("FeatureNames") or list(schema.types)
    if unknown := [name for name in names if name not in schema.types]:
        raise ServiceError(INVALID, f"Validation Error: The group has no feature {', '.join(unknown)}.")
    answer: dict[str, Any] = {
        "Record": records.to_api({name: found.values[name] for name in names if name in found.values})
    }
    if parameters.get("ExpirationTimeResponse") == "Enabled" and found.expires is not None:
        answer["ExpiresAt"] = datetime.fromtimestamp(found.expires // MICRO, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return answer
