"""The feature store: what could be done to its groups, and who may."""

from collections.abc import Iterator

from checks.access.operation import OBJECTS, SAGEMAKER, Operation
from checks.access.rights import ENCRYPT, READ, TRACED
from checks.access.workload import Workload, workload
from stacks.features import TABLES

GROUPS = tuple(name.lower() for name in TABLES)


def operations() -> Iterator[Operation]:
    """Yield what could be done to records and their history."""
    for group in GROUPS:
        arn = f"{SAGEMAKER}:feature-group/{{environment}}-{group}"
        yield Operation(f"write records of {group}", "sagemaker:PutRecord", arn)
        yield Operation(f"describe the features of {group}", "sagemaker:UpdateFeatureMetadata", arn)
        history = f"arn:aws:s3:::{{data}}/features/{group}/part.parquet"
        for verb, action in OBJECTS.items():
            yield Operation(f"{verb} the history of {group}", action, history)


def workloads() -> Iterator[Workload]:
    """Yield the rows of what describes features, and of what writes their history."""
    described = {f"describe the features of {group}" for group in GROUPS}
    yield workload("features", "Writes the metadata of features", described | TRACED)
    for group in GROUPS:
        may = {f"write the history of {group}", "see who may use the data bucket"} | READ | ENCRYPT
        yield workload("features", f"Writes the offline store of {{environment}}-{group}", may)
