"""Lists: each filter that is acted on filters, each order orders, for every operation that has one."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.model import ListShape, Shape, StringShape, StructureShape

from localsagemaker.kernel.kinds import Kind
from localsagemaker.kernel.listing import listing
from localsagemaker.kernel.members import judgements
from localsagemaker.kernel.requests import Request, operation_model
from localsagemaker.kernel.resources import Record, Resources
from localsagemaker.service import SageMaker
from tests.localsagemaker.fakes import ADMIN, Call

EARLY, MOMENT, LATE = (datetime(year, 1, 1, tzinfo=UTC) for year in (2020, 2021, 2022))
FILTER = re.compile(r"\w+(After|Before|Contains|Equals)|ModelApprovalStatus|PipelineNamePrefix|Status|MlflowVersion")
OF_EXECUTIONS = {"ListPipelineExecutions", "ListPipelineExecutionSteps", "ListPipelineParametersForExecution"}
OF_VERSIONS = {"ListPipelineVersions"}


def members(operation: str) -> Mapping[str, Shape]:
    shape = operation_model(operation).input_shape
    return shape.members if isinstance(shape, StructureShape) else {}


def lists(sagemaker: SageMaker) -> Mapping[str, Kind]:
    """Return the kind of each List operation that answers from records."""
    kinds = {f"List{kind.name}s": kind for kind in sagemaker.kinds}
    return {name: kinds[name] for name in sagemaker.operations & kinds.keys()}


def record(kind: Kind) -> dict[str, Any]:
    """Return a resource with everything that Describe tells."""
    shape = operation_model(f"Describe{kind.name}").output_shape
    told = {name: made(member) for name, member in shape.members.items()} if isinstance(shape, StructureShape) else {}
    extra = {"ModelPackageVersion": 1, "MlflowVersion": "3.1.0", "DomainId": "d-abc"}
    times = {"CreationTime": MOMENT, "LastModifiedTime": MOMENT}
    return {**told, kind.key: "abc", kind.arn_member: "arn", **extra, **times}


def made(shape: Shape) -> Any:
    if isinstance(shape, StructureShape):
        return {name: made(member) for name, member in shape.members.items() if not isinstance(member, StructureShape)}
    if isinstance(shape, ListShape):
        return [made(shape.member)]
    if isinstance(shape, StringShape):
        return shape.enum[0] if shape.enum else "abc"
    return MOMENT if shape.type_name == "timestamp" else 1


def test_every_list_of_records_is_tried(sagemaker: SageMaker) -> None:
    operations = {name for name in sagemaker.operations if name.startswith("List")}
    assert operations - lists(sagemaker).keys() - OF_EXECUTIONS - OF_VERSIONS == {"ListTags"}


def test_every_filter_of_a_list_filters(sagemaker: SageMaker, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    deaf, tried = [], 0
    for operation, kind in lists(sagemaker).items():
        monkeypatch.setattr(Resources, "all", lambda *_, kind=kind: [record(kind)])
        output = operation_model(operation).output_shape
        assert isinstance(output, StructureShape)
        shown = next(name for name, shape in output.members.items() if isinstance(shape, ListShape))
        both = {"ModelPackageType": "Both"} if operation == "ListModelPackages" else {}
        assert len(call(operation, **both)[shown]) == 1
        for name, shape in members(operation).items():
            if FILTER.fullmatch(name) and judgements(operation)[name].verdict == "acted":
                tried += 1
                for value, left in wanted(name, shape):
                    if len(call(operation, **both, **{name: value})[shown]) != left:
                        deaf.append(f"{operation} {name}={value}")
    assert tried > 70
    assert "\n".join(deaf) == ""


def wanted(name: str, shape: Shape) -> list[tuple[Any, int]]:
    """Return values of a filter, and how many of the one resource each leaves."""
    if name.endswith("After"):
        return [(EARLY, 1), (LATE, 0)]
    if name.endswith("Before"):
        return [(LATE, 1), (EARLY, 0)]
    if isinstance(shape, StringShape) and shape.enum:
        return [(shape.enum[0], 1), (shape.enum[-1], 0)]
    if name == "MlflowVersion":
        return [("3.1.0", 1), ("2.0.0", 0)]
    if name == "DomainIdEquals":
        return [("d-abc", 1), ("d-other", 0)]
    return [("abc", 1), ("other", 0)]


@pytest.mark.parametrize(
    ("operation", "order", "member"),
    [
        ("ListTrainingJobs", "Status", "TrainingJobStatus"),
        ("ListProcessingJobs", "Status", "ProcessingJobStatus"),
        ("ListEndpoints", "Status", "EndpointStatus"),
        ("ListNotebookInstances", "Status", "NotebookInstanceStatus"),
        ("ListMlflowApps", "Status", "Status"),
        ("ListMlflowApps", "Name", "Name"),
        ("ListFeatureGroups", "FeatureGroupStatus", "FeatureGroupStatus"),
        ("ListFeatureGroups", "OfflineStoreStatus", "OfflineStoreStatus"),
    ],
)
def test_every_order_of_a_list_orders(operation: str, order: str, member: str, sagemaker: SageMaker) -> None:
    """Times would give the other order."""
    kind = lists(sagemaker)[operation]
    first, second = ({"Status": "A"}, {"Status": "B"}) if member == "OfflineStoreStatus" else ("A", "B")
    records: list[Record] = [
        {**record(kind), member: first, "CreationTime": LATE},
        {**record(kind), member: second, "CreationTime": EARLY},
    ]
    answer = listing(Request(operation, {"SortBy": order, "SortOrder": "Ascending"}, ADMIN), records, kind)
    assert [each[member] for each in next(iter(answer.values()))] == [first, second]


@pytest.mark.parametrize(
    ("operation", "left"), [("ListTrainingJobs", 0), ("ListModelPackageGroups", 0), ("ListStudioLifecycleConfigs", 1)]
)
@pytest.mark.parametrize("name", ["CreationTimeAfter", "CreationTimeBefore"])
def test_a_resource_of_that_very_time_is_listed_where_the_reference_says_so(
    operation: str, left: int, name: str, sagemaker: SageMaker
) -> None:
    """API reference: "created before the specified time", of some operations "created on or before" it."""
    kind = lists(sagemaker)[operation]
    answer = listing(Request(operation, {name: MOMENT}, ADMIN), [record(kind)], kind)
    assert len(next(iter(answer.values()))) == left


def test_notebook_instances_are_sorted_by_name_where_nobody_says_otherwise(sagemaker: SageMaker) -> None:
    """API reference, ListNotebookInstances, SortBy: "The default is Name"."""
    kind = lists(sagemaker)["ListNotebookInstances"]
    records: list[Record] = [{**record(kind), kind.key: name} for name in ("b", "c", "a")]
    asked = Request("ListNotebookInstances", {"SortOrder": "Ascending"}, ADMIN)
    shown = listing(asked, records, kind)["NotebookInstances"]
    assert [each["NotebookInstanceName"] for each in shown] == ["a", "b", "c"]
