"""Rules of how jobs run: spot instances that may wait, tunings that aim at what is good, machines for the work."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from account.instance_types import has_local_storage
from ml_rules.requests import jobs, requests
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates
from ml_rules.values import as_list, get, is_true, mappings, number
from ml_rules.workflows.measured import better_when_high

Found = Iterator[tuple[Resource, str]]

_LARGE: Final = re.compile(r"ml\.(p\d\w*|trn\d\w*)\.\w+|ml\.g\d\w*\.(12|16|24|48)xlarge")
"""Machines with several accelerators, or with the dearest ones."""
_UNKEPT: Final = 3600.0
"""Seconds of work that may be lost when a spot instance is taken away."""
_PER_RANGE: Final = 100.0
"""So many trainings for every hyperparameter that a tuning looks at."""
_HOLDERS: Final = {
    "AWS::SageMaker::Space": "SpaceSettings",
    "AWS::SageMaker::UserProfile": "UserSettings",
    "AWS::SageMaker::Domain": "DefaultUserSettings",
}


@rule
def spot_goes_on(templates: Templates) -> Found:
    """A training on spot instances may wait for as long as it may run, and goes on from a checkpoint.

    Source: SageMaker guide, "Managed Spot Training in Amazon SageMaker AI".
    """
    for resource, name, request in requests(templates):
        if not is_true(request.get("EnableManagedSpotTraining")):
            continue
        runs = number(get(request, "StoppingCondition.MaxRuntimeInSeconds"))
        waits = number(get(request, "StoppingCondition.MaxWaitTimeInSeconds"))
        given = any("MaxWaitTimeInSeconds" in key for key in get(request, "StoppingCondition", {}))
        if not given:
            yield resource, f"{name} is refused: on spot instances it needs MaxWaitTimeInSeconds."
        elif runs is not None and waits is not None and waits < runs:
            yield resource, f"{name} is refused: it may wait for {waits:g} s and run for {runs:g} s."
        long = runs is not None and runs > _UNKEPT
        if long and not any(key.startswith("S3Uri") for key in get(request, "CheckpointConfig", {})):
            yield resource, f"{name} starts from nothing when its spot instance is taken away: no CheckpointConfig."


@rule
def tuning_aims(templates: Templates) -> Found:
    """A tuning looks for the best model by a metric that its jobs write, with as many jobs as that needs.

    Source: SageMaker guide, "Define metrics and environment variables" and "Best Practices for Hyperparameter Tuning".
    """
    for resource, name, request in requests(templates):
        config = request.get("HyperParameterTuningJobConfig")
        if not isinstance(config, Mapping):
            continue
        objective = get(config, "HyperParameterTuningJobObjective", {})
        metric, high = str(objective.get("MetricName")), better_when_high(str(objective.get("MetricName")))
        aim = str(objective.get("Type"))
        if high is not None and aim in {"Minimize", "Maximize"} and high != (aim == "Maximize"):
            yield resource, f"{name} looks for the worst model: it would {aim.lower()} {metric}."
        written = {
            str(get(each, "Name"))
            for item in mappings(request)
            for each in as_list(item.get("MetricDefinitions"))
            if isinstance(each, Mapping)
        }
        if written and "MetricName" in objective and metric not in written:
            yield resource, f"{name} aims at {metric}, which no MetricDefinitions finds in the log."
        most = number(get(config, "ResourceLimits.MaxNumberOfTrainingJobs"))
        at_once = number(get(config, "ResourceLimits.MaxParallelTrainingJobs"))
        ranges = sum(len(as_list(each)) for each in get(config, "ParameterRanges", {}).values())
        if most is not None and ranges and most > _PER_RANGE * ranges:
            yield resource, f"{name} starts {most:g} trainings for {ranges} hyperparameters."
        learns = config.get("Strategy", "Bayesian") == "Bayesian" and most is not None and most > 1
        if learns and at_once is not None and at_once == most:
            yield resource, f"{name} learns nothing: all of its {most:g} trainings run at once."
        if most is not None and at_once is not None and at_once > most:
            yield resource, f"{name} is refused: {at_once:g} trainings at once are more than {most:g}."


@rule
def machine_for_work(templates: Templates) -> Found:
    """Preparing data, and looking at them, does not occupy the machines that are for training large models."""
    for resource, name, request in jobs(templates):
        kind = str(get(request, "ProcessingResources.ClusterConfig.InstanceType", ""))
        kind = kind or str(get(request, "ProcessingClusterConfig.InstanceType", ""))
        if _LARGE.fullmatch(kind):
            yield resource, f"{name} processes data on {kind}."
    for resource in templates.of(*_HOLDERS):
        for item in mappings(resource.get(_HOLDERS[resource.type])):
            kind = str(get(item, "DefaultResourceSpec.InstanceType", ""))
            if _LARGE.fullmatch(kind):
                yield resource, f"It opens on {kind}."


@rule
def local_storage_keyless(templates: Templates) -> Found:
    """No key is named for the volume of a machine whose storage is its own: such a request is refused.

    Source: SageMaker API reference, CreateEndpointConfig and ResourceConfig: "Certain Nitro-based instances include
    local storage … You can't request a VolumeKmsKeyId when using an instance type with local storage".
    """
    for config in templates.of("AWS::SageMaker::EndpointConfig"):
        variants = as_list(config.get("ProductionVariants")) + as_list(config.get("ShadowProductionVariants"))
        kinds = [str(get(each, "InstanceType", "")) for each in variants]
        for kind in kinds:
            if config.get("KmsKeyId") and kind.startswith("ml.") and has_local_storage(kind):
                yield config, f"It is refused: {kind} has storage of its own, for which no KmsKeyId may be named."


RULES: Final = (spot_goes_on, tuning_aims, machine_for_work, local_storage_keyless)
