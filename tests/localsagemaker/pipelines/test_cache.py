"""Step caching, by the developer guide's "Caching pipeline steps" and "Default cache key attributes"."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localsagemaker.errors import ServiceError
from localsagemaker.pipelines.cache import CacheConfig, Result, StepCache
from tests.localsagemaker.fakes import FakeImages, Run, exits
from tests.localsagemaker.pipelines.bench import Bench, Step, processing

HOUR = {"Enabled": True, "ExpireAfter": "PT1H"}


GATE = {"Std:Join": {"On": "", "Values": [{"Get": "Parameters.Gate"}]}}


def train(**members: Any) -> Step:
    return processing("Train", GATE, **members)


@pytest.fixture
def runs(images: FakeImages) -> list[Run]:
    """Every job that really ran."""
    ran: list[Run] = []

    def program(run: Run) -> int:
        ran.append(run)
        return 0

    images.programs["image"] = program
    return ran


def test_a_step_with_the_same_arguments_takes_the_result_of_before(bench: Bench, runs: list[Run]) -> None:
    bench.create(train(CacheConfig=HOUR))
    first, second = bench.start(), ""
    bench.finish(first)
    second = bench.start()
    assert bench.finish(second)["PipelineExecutionStatus"] == "Succeeded"
    assert len(runs) == 1
    hit, origin = bench.steps(second)["Train"], bench.steps(first)["Train"]
    assert hit["StepStatus"] == "Succeeded"
    assert hit["CacheHitResult"] == {"SourcePipelineExecutionArn": first}
    assert hit["Metadata"] == origin["Metadata"]
    assert "CacheHitResult" not in origin


@pytest.mark.parametrize("config", [None, {"Enabled": False}])
def test_caching_is_off_by_default(bench: Bench, runs: list[Run], config: dict[str, object] | None) -> None:
    bench.create(train(**({"CacheConfig": config} if config else {})))
    for _ in range(2):
        bench.finish(bench.start())
    assert len(runs) == 2


def test_other_arguments_run_the_step_again(bench: Bench, runs: list[Run]) -> None:
    bench.create(train(CacheConfig=HOUR))
    for gate in ("0.1", "0.2", "0.1"):
        bench.finish(bench.start(PipelineParameters=[{"Name": "Gate", "Value": gate}]))
    assert len(runs) == 2


def test_attributes_that_are_no_part_of_the_key_do_not_run_it_again(bench: Bench, runs: list[Run]) -> None:
    """Of a processing step these are AppSpecification, Environment and ProcessingInputs: no outputs, no resources."""
    step = train(CacheConfig=HOUR)
    out = step["Arguments"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]
    out["S3Uri"] = {"Std:Join": {"On": "/", "Values": ["s3://b", {"Get": "Execution.PipelineExecutionId"}]}}
    bench.create(step)
    for _ in range(2):
        bench.finish(bench.start())
    assert len(runs) == 1


def test_a_failed_run_is_never_used(bench: Bench, images: FakeImages) -> None:
    images.programs["image"] = exits(1)
    bench.create(train(CacheConfig=HOUR))
    bench.finish(bench.start())
    images.programs["image"] = exits(0)
    arn = bench.start()
    assert bench.finish(arn)["PipelineExecutionStatus"] == "Succeeded"
    assert "CacheHitResult" not in bench.steps(arn)["Train"]


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("PT1H", timedelta(hours=1)),
        ("P30D", timedelta(days=30)),
        ("30d", timedelta(days=30)),
        ("T16m", timedelta(minutes=16)),
        ("30dT5h", timedelta(days=30, hours=5)),
        ("5y", timedelta(days=5 * 365)),
    ],
)
def test_a_result_is_used_until_it_expires(written: str, length: timedelta) -> None:
    """The durations are the developer guide's own examples."""
    config, cache = CacheConfig.of({"Enabled": True, "ExpireAfter": written}), StepCache()
    ended = datetime(2026, 1, 1, tzinfo=UTC)
    cache.keep("p", "s", "k", Result("execution", ended, {}, {}))
    assert cache.find("p", "s", "k", config, ended + length)
    assert cache.find("p", "s", "k", config, ended + length + timedelta(seconds=1)) is None
    assert cache.find("another", "s", "k", config, ended) is None


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"Enabled": True, "ExpireAfter": "forever"}, "it must be a duration of ISO 8601"),
        ({"Enabled": True, "ExpireAfter": "P"}, "it must be a duration of ISO 8601"),
        ({"Enabled": True}, "needs ExpireAfter"),
        ({"Enabled": "true"}, "takes Enabled"),
        ({"Enabled": False, "Colour": "red"}, "unknown members: Colour"),
    ],
)
def test_a_cache_config_that_says_nothing_is_refused(bench: Bench, config: dict[str, object], words: str) -> None:
    with pytest.raises(ServiceError, match=words):
        bench.create(train(CacheConfig=config))
