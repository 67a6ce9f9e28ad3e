"""The table of members: complete, without dead rows, honest about what is acted on, and deaf to nothing."""

import inspect
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from localcloud import autoscaling, service_quotas
from localcloud.autoscaling import AutoScaling
from localcloud.service_quotas import ServiceQuotas
from localsagemaker.errors import ServiceError
from localsagemaker.feature_store import runtime
from localsagemaker.hosting import invocation
from localsagemaker.kernel import members
from localsagemaker.kernel.members import Judgement, Place, Row, judge, judgements, refusals, rows
from localsagemaker.kernel.requests import Request, operation_model, parse
from localsagemaker.service import SageMaker
from tests.localsagemaker.fakes import ADMIN, ROLE, Call

OFFERED = Path(members.__file__).parents[1]
SHARED = ("kernel", "limits.py", "instances.py", "service.py")
"""Where members are read that operations of several capabilities have."""
DERIVED = re.compile(
    r"(CreationTime|LastModifiedTime|ModifiedTime|Created)(After|Before)|\w+Equals|\w+Contains|Disassociate\w+"
)
"""Members that are read by the form of their names: tests of listing and of notebook instances ask for each."""
PLAN = "arn:aws:sagemaker:eu-west-1:111111111111:training-plan/p"
CLUSTER: dict[str, Any] = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
TRAINING: dict[str, Any] = {
    "TrainingJobName": "t",
    "RoleArn": ROLE,
    "OutputDataConfig": {"S3OutputPath": "s3://b/models"},
    "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
    "ResourceConfig": CLUSTER,
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
}


def channel(kind: str = "S3Prefix", **more: str) -> dict[str, Any]:
    source = {"S3DataType": kind, "S3Uri": "s3://b/m"}
    return {"ChannelName": "train", "DataSource": {"S3DataSource": source}, **more}


def provided(sagemaker: SageMaker) -> Iterator[tuple[str, str, list[Path]]]:
    """Yield each operation that is provided, its service, and the sources that may act on its members.

    Packages of the registry are read by the models that name them.
    """
    for capability in sagemaker._capabilities:  # noqa: SLF001 - nobody else asks for its parts
        module = inspect.getfile(type(capability))
        for operation in capability.operations():
            package = Path(module).parent
            yield operation, "sagemaker", [package, *([OFFERED / "hosting"] if package.name == "registry" else [])]
    for operation in sagemaker.feature_store_runtime.operations:
        yield operation, runtime.SERVICE, [OFFERED / "feature_store"]
    yield "InvokeEndpoint", invocation.SERVICE, [OFFERED / "hosting"]
    for operation in AutoScaling(None, sagemaker).operations:  # type: ignore[arg-type] # nothing is asked of a host
        yield operation, "application-autoscaling", [Path(autoscaling.__file__)]
    for operation in ServiceQuotas(None, None).operations:  # type: ignore[arg-type] # nor of the quotas
        yield operation, "service-quotas", [Path(service_quotas.__file__)]


def element(shape: Shape) -> StructureShape | None:
    """Return the structure that a shape is or holds."""
    while isinstance(shape, ListShape | MapShape):
        shape = shape.member if isinstance(shape, ListShape) else shape.value
    return shape if isinstance(shape, StructureShape) else None


def places(operation: str, service: str) -> Iterator[tuple[str, Shape]]:
    """Yield each member that wants a judgement: what is inside of one that is recorded or refused does not."""
    shape = operation_model(operation, service).input_shape
    if isinstance(shape, StructureShape):
        yield from inside(judgements(operation), shape, Place())


def inside(judged: Any, shape: StructureShape, place: Place) -> Iterator[tuple[str, Shape]]:
    for name, member in shape.members.items():
        yield place.of(name), member
        structure = element(member)
        acted = place.of(name) in judged and judged[place.of(name)].verdict == "acted"
        if structure and acted and structure.name not in place.met:
            yield from inside(judged, structure, place.inside(name, structure))


def test_every_member_of_every_operation_is_judged_and_no_row_is_dead(sagemaker: SageMaker) -> None:
    there = {(name, place) for name, service, _ in provided(sagemaker) for place, _ in places(name, service)}
    assert len(there) > 1100
    unjudged = [f"{operation} {place}" for operation, place in there if place not in judgements(operation)]
    assert "\n".join(sorted(unjudged)) == ""
    dead = [
        f"{row.operation} {row.member}"
        for row in rows()
        if not any(place == row.member and fnmatchcase(operation, row.operation) for operation, place in there)
    ]
    assert "\n".join(dead) == ""


def test_a_member_is_judged_once_and_with_a_reason_unless_it_is_acted_on() -> None:
    assert len({(row.operation, row.member) for row in rows()}) == len(rows())
    for row in rows():
        judgement = row.judgement
        assert bool(judgement.reason) == (judgement.verdict != "acted"), row
        assert not judgement.reason.endswith("."), row
        assert not judgement.passes or judgement.verdict == "refused", row


def test_what_is_acted_on_is_named_by_the_capability(sagemaker: SageMaker) -> None:
    """A member that no source names cannot be acted on; roles are found by their shape."""
    read: dict[Path, set[str]] = {}
    shared = [OFFERED / name for name in SHARED]
    silent = []
    for operation, service, sources in provided(sagemaker):
        for path in (*sources, *shared):
            files = path.rglob("*.py") if path.is_dir() else [path]
            if path not in read:
                read[path] = {word for file in files for word in re.findall(r"\w+", file.read_text(encoding="utf-8"))}
        words = set().union(*(read[path] for path in (*sources, *shared)))
        for place, shape in places(operation, service):
            name = place.rpartition(".")[2]
            acted = judgements(operation)[place].verdict == "acted"
            if acted and shape.name != "RoleArn" and not DERIVED.fullmatch(name):
                silent += [] if name in words else [f"{operation} {place}"]
    assert "\n".join(silent) == ""


def test_values_that_pass_are_those_of_the_model(sagemaker: SageMaker) -> None:
    for operation, service, _ in provided(sagemaker):
        for place, shape in places(operation, service):
            passes = judgements(operation)[place].passes
            assert set(passes) <= set(getattr(shape, "enum", ())), (operation, place)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"TensorBoardOutputConfig": {"S3OutputPath": "s3://b/o"}},
            "TensorBoardOutputConfig is not provided locally: ",
        ),
        (
            {"ResourceConfig": {**CLUSTER, "TrainingPlanArn": PLAN}},
            "ResourceConfig.TrainingPlanArn is not provided locally: there is no reserved capacity here: leave it out.",
        ),
        ({"InputDataConfig": [channel(InputMode="Pipe")]}, "InputDataConfig.InputMode Pipe is not provided locally: "),
        (
            {"InputDataConfig": [channel(CompressionType="Gzip")]},
            "InputDataConfig.CompressionType Gzip is not provided",
        ),
        (
            {"InputDataConfig": [channel("AugmentedManifestFile")]},
            "InputDataConfig.DataSource.S3DataSource.S3DataType AugmentedManifestFile is not provided locally: ",
        ),
    ],
)
def test_what_is_refused_is_named_and_nothing_begins(call: Call, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ServiceError) as refused:
        call("CreateTrainingJob", **{**TRAINING, **changes})
    assert refused.value.code == "ValidationException"
    assert str(refused.value).startswith(sentence)
    assert call("ListTrainingJobs")["TrainingJobSummaries"] == []


def test_recorded_members_pass_and_so_do_switches_that_are_off_and_values_like_none() -> None:
    changes: dict[str, Any] = {
        "RetryStrategy": {"MaximumRetryAttempts": 2},
        "DebugHookConfig": {"S3OutputPath": "s3://b/o", "CollectionConfigurations": []},
        "DebugRuleConfigurations": [],
        "InputDataConfig": [channel(CompressionType="None", RecordWrapperType="None", InputMode="FastFile")],
    }
    judge(parse("CreateTrainingJob", {**TRAINING, **changes}, ADMIN))
    judge(parse("CreateModelPackage", {"ModelPackageGroupName": "g", "CertifyForMarketplace": False}, ADMIN))


def test_what_nobody_has_judged_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a member would be that a newer model of AWS has: a row is taken away here."""
    left = tuple(row for row in rows() if (row.operation, row.member) != ("CreateTrainingJob", "RetryStrategy"))
    monkeypatch.setattr(members, "rows", lambda: left)
    judgements.cache_clear()
    try:
        given = {**TRAINING, "RetryStrategy": {"MaximumRetryAttempts": 2}}
        with pytest.raises(ServiceError, match=r"^RetryStrategy is not provided locally: nobody has judged"):
            judge(Request("CreateTrainingJob", given, ADMIN))
    finally:
        monkeypatch.undo()
        judgements.cache_clear()


def test_a_name_goes_before_a_pattern_and_a_structure_in_itself_is_judged_like_the_outer_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert judgements("ListTrainingJobs")["StatusEquals"].verdict == "acted"
    inner = {"SubExpressions": [{"SubExpressions": [{"NestedFilters": [{"NestedPropertyName": "a"}]}]}]}
    found = list(refusals("Search", {"Resource": "FeatureGroup", "SearchExpression": inner}))
    assert found == [
        "SearchExpression.NestedFilters is not provided locally: features and their groups have no nested properties."
    ]
    table = (
        Row("ListModels", "NameContains", Judgement("recorded", "because")),
        Row("List*", "NameContains", Judgement("acted")),
    )
    monkeypatch.setattr(members, "rows", lambda: table)
    judgements.cache_clear()
    try:
        assert judgements("ListModels")["NameContains"].verdict == "recorded"
    finally:
        monkeypatch.undo()
        judgements.cache_clear()
