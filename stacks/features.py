"""The feature store."""

import aws_cdk as cdk
from constructs import Construct

from ml_constructs.features.feature_group import Feature, FeatureGroup, FeatureMetadata, FeatureTable
from ml_constructs.foundation.folder import Folder
from stacks.foundation import Foundation

PRIMARY_KEY = {"idType": "primaryKey"}
FOREIGN_KEY = {"idType": "foreignKey"}
EVENT_TIME = Feature("EventTime", "Fractional", description="When the record became true, in seconds since 1970")

CUSTOMERS = FeatureTable(
    description="Where each customer lives",
    identifier="customer_id",
    event_time="EventTime",
    features=(
        Feature("customer_id", "Integral", description="Number of the customer", parameters=PRIMARY_KEY),
        Feature("city_code", "Integral", description="City that the customer lives in"),
        Feature("state_code", "Integral", description="State that the customer lives in"),
        Feature("country_code", "Integral", description="Country that the customer lives in"),
        EVENT_TIME,
    ),
)
ORDERS = FeatureTable(
    description="The latest order of each customer",
    identifier="customer_id",
    event_time="EventTime",
    features=(
        Feature("customer_id", "Integral", description="Number of the customer", parameters=PRIMARY_KEY),
        Feature("order_id", "Integral", description="Number of the order", parameters=FOREIGN_KEY),
        Feature("order_status", "Integral", description="1 when the order is delivered, else 0"),
        Feature("store_id", "Integral", description="Store that takes the order"),
        EVENT_TIME,
    ),
)


TABLES = {"Customers": CUSTOMERS, "Orders": ORDERS}
"""Feature groups by the construct's id; their names are the same in small letters, after the environment's."""


class FeaturesStack(cdk.Stack):
    """Feature groups online and offline, and the metadata of their features."""

    def __init__(self, scope: Construct, construct_id: str, *, on: Foundation) -> None:
        super().__init__(scope, construct_id, description="Feature store")
        metadata = FeatureMetadata(self, "Metadata", logs=on.storage.logs)
        for name, table in TABLES.items():
            group = FeatureGroup(
                self,
                name,
                name=on.name(name.lower()),
                table=table,
                offline=Folder(on.storage.data, ["features", name.lower()]),
                key=on.storage.key,
                removal_policy=on.environment.removal_policy,
            )
            metadata.describe(group)
            cdk.CfnOutput(self, f"{name}FeatureGroupName", value=group.name)
