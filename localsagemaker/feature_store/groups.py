"""Feature groups: their schemas, how they grow, and the metadata of their features."""

from collections.abc import Mapping
from typing import Any, Final

from localsagemaker.errors import ServiceError
from localsagemaker.feature_store.kinds import FEATURE_GROUP
from localsagemaker.feature_store.schema import Definition, Schema, SchemaError
from localsagemaker.feature_store.stores import Stores
from localsagemaker.kernel.host import Host, Scope, Table
from localsagemaker.kernel.listing import listing
from localsagemaker.kernel.requests import Handler, Request
from localsagemaker.kernel.resources import Record, Resources, describe, now

MOST_FEATURES: Final = 2500
MOST_PARAMETERS: Final = 25
CATALOG: Final = "AwsDataCatalog"
DATABASE: Final = "sagemaker_featurestore"
PARTITIONS: Final = ("year", "month", "day", "hour")
_COLUMN: Final = {"Integral": "bigint", "Fractional": "double", "String": "string"}
_ADDED: Final = {"write_time": "timestamp", "api_invocation_time": "timestamp", "is_deleted": "boolean"}


class FeatureGroups:
    """Feature groups and their metadata.

    Groups are made, changed and deleted at once, where AWS takes seconds.
    """

    def __init__(self, host: Host, resources: Resources, stores: Stores) -> None:
        self._host, self._resources, self._stores = host, resources, stores

    def operations(self) -> dict[str, Handler]:
        """Return every operation on feature groups."""
        return {
            "CreateFeatureGroup": self._create,
            "DescribeFeatureGroup": self._describe,
            "ListFeatureGroups": self._list,
            "UpdateFeatureGroup": self._update,
            "DeleteFeatureGroup": self._delete,
            "DescribeFeatureMetadata": self._describe_metadata,
            "UpdateFeatureMetadata": self._update_metadata,
        }

    def _create(self, request: Request) -> dict[str, Any]:
        parameters, scope = request.parameters, request.scope
        name = parameters["FeatureGroupName"]
        if self._resources.find(FEATURE_GROUP, scope, name):
            raise ServiceError(FEATURE_GROUP.taken, FEATURE_GROUP.explain_presence(scope, name))
        _schema(parameters)
        online = dict(parameters.get("OnlineStoreConfig") or {})
        offline = parameters.get("OfflineStoreConfig")
        if not online.get("EnableOnlineStore") and offline is None:
            raise ServiceError(
                "ValidationException", "A feature group needs an OnlineStoreConfig, an OfflineStoreConfig, or both."
            )
        members = {key: value for key, value in parameters.items() if key != "ThroughputConfig"}
        members |= {
            "FeatureGroupStatus": "Created",
            "ThroughputConfig": parameters.get("ThroughputConfig", {"ThroughputMode": "OnDemand"}),
            "Metadata": {},
        }
        if online.get("EnableOnlineStore"):
            members["OnlineStoreConfig"] = {"StorageType": "Standard", **online}
        if offline is not None:
            role = parameters.get("RoleArn")
            if role is None:
                raise ServiceError("ValidationException", "A RoleArn is required with an OfflineStoreConfig.")
            self._host.assume(scope, role, "FeatureStore")
            members["OfflineStoreConfig"] = self._offline(scope, parameters)
            members["OfflineStoreStatus"] = {"Status": "Active"}
        record = self._resources.add(FEATURE_GROUP, scope, name, members)
        self._stores.open(scope, record, lambda status: self._offline_status(request, name, status))
        return {"FeatureGroupArn": record["FeatureGroupArn"]}

    def _offline(self, scope: Scope, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the offline store as its description shows it, its table made unless the request wants none."""
        offline, name, moment = parameters["OfflineStoreConfig"], parameters["FeatureGroupName"], int(now().timestamp())
        storage = dict(offline["S3StorageConfig"])
        folder = f"{scope.account}/sagemaker/{scope.region}/offline-store/{name}-{moment}/data"
        storage["ResolvedOutputS3Uri"] = f"{storage['S3Uri'].rstrip('/')}/{folder}"
        shown = {"TableFormat": "Glue", "DisableGlueTableCreation": False, **offline, "S3StorageConfig": storage}
        if shown["DisableGlueTableCreation"]:
            return shown
        named = {"Catalog": CATALOG, "Database": DATABASE, "TableName": f"{name.replace('-', '_').lower()}_{moment}"}
        config = shown["DataCatalogConfig"] = named | dict(offline.get("DataCatalogConfig", {}))
        columns = {
            item["FeatureName"].lower(): _COLUMN[item["FeatureType"]] for item in parameters["FeatureDefinitions"]
        }
        location = storage["ResolvedOutputS3Uri"]
        self._host.create_table(
            scope, Table(config["Database"], config["TableName"], columns | _ADDED, PARTITIONS, location)
        )
        return shown

    def _offline_status(self, request: Request, name: str, status: Mapping[str, str]) -> None:
        if self._resources.find(FEATURE_GROUP, request.scope, name):
            self._resources.update(FEATURE_GROUP, request.scope, name, {"OfflineStoreStatus": status})

    def _describe(self, request: Request) -> dict[str, Any]:
        return describe(self._find(request), request.operation)

    def _list(self, request: Request) -> dict[str, Any]:
        return listing(request, self._resources.all(FEATURE_GROUP, request.scope), FEATURE_GROUP)

    def _update(self, request: Request) -> dict[str, Any]:
        parameters = request.parameters
        with self._resources.lock:
            record = self._find(request)
            changes: dict[str, Any] = {"LastUpdateStatus": {"Status": "Successful"}}
            given = [
                name for name in ("FeatureAdditions", "OnlineStoreConfig", "ThroughputConfig") if name in parameters
            ]
            if len(given) != 1:
                raise ServiceError(
                    "ValidationException",
                    "An update takes one of FeatureAdditions, OnlineStoreConfig and "
                    f"ThroughputConfig at a time, not {' and '.join(given) or 'none'}.",
                )
            if additions := parameters.get("FeatureAdditions"):
                _grow(_schema(record), additions)
                changes["FeatureDefinitions"] = [*record["FeatureDefinitions"], *additions]
            if online := parameters.get("OnlineStoreConfig"):
                if "OnlineStoreConfig" not in record:
                    raise ServiceError("ValidationException", f"{record['FeatureGroupName']} has no online store.")
                changes["OnlineStoreConfig"] = {**record["OnlineStoreConfig"], **online}
            if throughput := parameters.get("ThroughputConfig"):
                changes["ThroughputConfig"] = {**record["ThroughputConfig"], **throughput}
            updated = self._resources.update(FEATURE_GROUP, request.scope, record["FeatureGroupName"], changes)
        return {"FeatureGroupArn": updated["FeatureGroupArn"]}

    def _delete(self, request: Request) -> dict[str, Any]:
        """Forget a group and its online records; what is in S3 stays."""
        record = self._find(request)
        self._stores.close_group(record["FeatureGroupArn"])
        self._resources.remove(FEATURE_GROUP, request.scope, record["FeatureGroupName"])
        return {}

    def _describe_metadata(self, request: Request) -> dict[str, Any]:
        record, name = self._find(request), request.parameters["FeatureName"]
        return {
            "FeatureGroupArn": record["FeatureGroupArn"],
            "FeatureGroupName": record["FeatureGroupName"],
            "FeatureName": name,
            "FeatureType": _feature(record, name)["FeatureType"],
            "CreationTime": record["CreationTime"],
            "LastModifiedTime": record["CreationTime"],
            "Parameters": [],
            **record["Metadata"].get(name, {}),
        }

    def _update_metadata(self, request: Request) -> dict[str, Any]:
        parameters, name = request.parameters, request.parameters["FeatureName"]
        with self._resources.lock:
            record = self._find(request)
            _feature(record, name)
            before = record["Metadata"].get(name, {})
            tags = {item["Key"]: item["Value"] for item in before.get("Parameters", ())}
            tags |= {item["Key"]: item["Value"] for item in parameters.get("ParameterAdditions", ())}
            for key in parameters.get("ParameterRemovals", ()):
                tags.pop(key, None)
            if len(tags) > MOST_PARAMETERS:
                raise ServiceError("ValidationException", f"A feature has at most {MOST_PARAMETERS} parameters.")
            after = {
                **before,
                **({"Description": parameters["Description"]} if "Description" in parameters else {}),
                "Parameters": [{"Key": key, "Value": value} for key, value in tags.items()],
                "LastModifiedTime": now(),
            }
            changes = {"Metadata": {**record["Metadata"], name: after}, "LastModifiedTime": record["LastModifiedTime"]}
            self._resources.update(FEATURE_GROUP, request.scope, record["FeatureGroupName"], changes)
        return {}

    def _find(self, request: Request) -> Record:
        return self._resources.get(FEATURE_GROUP, request.scope, request.parameters["FeatureGroupName"])


def _feature(record: Record, name: str) -> Mapping[str, Any]:
    for definition in record["FeatureDefinitions"]:
        if definition["FeatureName"] == name:
            found: Mapping[str, Any] = definition
            return found
    raise ServiceError("ResourceNotFound", f"{record['FeatureGroupName']} has no feature {name}.")


def _schema(members: Mapping[str, Any]) -> Schema:
    try:
        return Schema.described(members)
    except SchemaError as error:
        raise ServiceError("ValidationException", str(error)) from None


def _grow(schema: Schema, additions: list[Mapping[str, Any]]) -> None:
    try:
        grown = schema.grown(Definition(item["FeatureName"], item["FeatureType"]) for item in additions)
    except SchemaError as error:
        raise ServiceError("ValidationException", str(error)) from None
    if len(grown.definitions) > MOST_FEATURES:
        raise ServiceError("ValidationException", f"A feature group has at most {MOST_FEATURES} features.")
