"""What executions and steps count for in CloudWatch.

Source: SageMaker's developer guide, "Amazon SageMaker metrics in Amazon CloudWatch", pipelines metrics.
"""

from collections import Counter

from tests.localsagemaker.fakes import FakeHost, FakeImages, exits
from tests.localsagemaker.pipelines.bench import Bench, processing


def test_an_execution_counts_for_its_pipeline_and_for_all(bench: Bench, host: FakeHost, images: FakeImages) -> None:
    images.programs["image"] = exits(0)
    bench.create(processing("Only"))
    bench.finish(bench.start())
    counted = Counter(
        (metric.name, *sorted(metric.dimensions.values()))
        for metric in host.metrics
        if metric.namespace == "AWS/Sagemaker/ModelBuildingPipeline" and metric.unit == "Count"
    )
    assert counted == Counter(
        {
            ("ExecutionStarted", "p"): 1,
            ("ExecutionStarted",): 1,
            ("StepStarted", "Only", "p"): 1,
            ("StepSucceeded", "Only", "p"): 1,
            ("ExecutionSucceeded", "p"): 1,
            ("ExecutionSucceeded",): 1,
        }
    )
    lasted = [metric for metric in host.metrics if metric.name.endswith("Duration")]
    assert [(metric.name, metric.unit) for metric in lasted] == [
        ("StepDuration", "Milliseconds"),
        ("ExecutionDuration", "Milliseconds"),
        ("ExecutionDuration", "Milliseconds"),
    ]
    assert all(metric.value >= 0 for metric in lasted)


def test_what_fails_counts_as_failed(bench: Bench, host: FakeHost, images: FakeImages) -> None:
    images.programs["image"] = exits(1)
    bench.create(processing("Only"))
    bench.finish(bench.start())
    names = {metric.name for metric in host.metrics if metric.unit == "Count"}
    assert names == {"ExecutionStarted", "StepStarted", "StepFailed", "ExecutionFailed"}
