"""What the access matrix must know of a system: what trains and serves it, and where its things are."""

from dataclasses import dataclass

from stacks.systems.neighbours import Knn
from stacks.systems.scripted import ScriptedSystem
from stacks.systems.system import System
from stacks.systems.tabular import TabularSystem

MODEL_ROLE = "RolloutRole81"  # the roll-out function's own has the same beginning


@dataclass(frozen=True)
class Step:
    """A job of a system: whether it trains, and which parts of a run, data and scripts it reads and writes."""

    name: str
    trains: bool = False
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A system's own things. `prepared` and `results` are the folders that a run has, beside its checkpoints.

    `scripted` ones are trained by a state machine, others by a pipeline; nobody serves one without a `serving` stack.
    """

    system: System
    steps: tuple[Step, ...]
    prepared: tuple[str, ...]
    results: tuple[str, ...]
    checkpoints: bool = True
    judged: tuple[str, ...] = ()
    """What its pipeline itself reads of a run, to register its model."""

    @property
    def name(self) -> str:
        """Name of the system."""
        return self.system.name

    @property
    def scripted(self) -> bool:
        """Whether a state machine trains it."""
        return self.system.scripted

    @property
    def image(self) -> str:
        """Name of its image."""
        return self.system.image

    @property
    def kinds(self) -> list[str]:
        """Kinds of its jobs."""
        return sorted({"training" if step.trains else "processing" for step in self.steps})

    @property
    def training(self) -> str:
        """Stack that trains it."""
        return self.system.training_stack

    @property
    def serving(self) -> str:
        """Stack that serves it; empty for one that nobody serves."""
        return self.system.serving_stack

    @property
    def runs(self) -> str:
        """Folder of one of its runs."""
        return f"{self.name}/runs/r1" if self.scripted else f"{self.name}/executions/e1"

    @property
    def jobs(self) -> str:
        """Name of one of its jobs."""
        return f"{{environment}}-{self.name}-r1-train" if self.scripted else "pipelines-e1-train"

    @property
    def training_step(self) -> str:
        """Name of the step that trains."""
        return next(step.name for step in self.steps if step.trains)

    @property
    def rollout_prefix(self) -> str:
        """How the logical ids of its roll-out begin."""
        return self.system.title if self.serving != self.training else "Rollout"

    @property
    def model_role(self) -> str:
        """How the logical id of its models' role begins."""
        return f"{self.system.title}Role" if self.serving != self.training else MODEL_ROLE


TABULAR_PARTS = ("train", "validation", "features", "baseline", "test")


def describe(system: System) -> Trained:
    """Return what the matrix must know of a system; raise `TypeError` for a kind of system that nobody has judged."""
    match system:
        case TabularSystem():
            return _describe_tabular(system)
        case Knn():
            return _describe_knn(system)
        case ScriptedSystem():
            return _describe_scripted(system)
    raise TypeError(
        f"{system.name} is a {type(system).__name__}, whose rights nobody has judged: add them to this file."
    )


def _describe_tabular(system: System) -> Trained:
    return Trained(
        system=system,
        steps=(
            Step("DataProcessing", reads=("data",), writes=TABULAR_PARTS),
            Step("XGBModelTraining", trains=True, reads=("train", "validation", "features"), writes=("model",)),
            Step("XGBModelEvaluate", reads=("model", "test"), writes=("evaluation",)),
            Step("ModelBiasCheck", reads=("model", "test"), writes=("bias",)),
            Step("ModelExplainabilityCheck", reads=("model", "test"), writes=("explanations",)),
        ),
        prepared=TABULAR_PARTS,
        results=("model", "evaluation", "bias", "explanations"),
        judged=("model", "evaluation"),
    )


def _describe_knn(system: System) -> Trained:
    return Trained(
        system=system,
        steps=(
            Step("KnnDataSplit", reads=("data",), writes=("train", "test")),
            Step("KnnTraining", trains=True, reads=("train", "test"), writes=("model",)),
            Step("KnnEvaluation", reads=("model", "test"), writes=("evaluation",)),
        ),
        prepared=("train", "test"),
        results=("model", "evaluation"),
        checkpoints=False,
        judged=("model",),
    )


def _describe_scripted(system: ScriptedSystem) -> Trained:
    prepared = system.algorithm.prepared
    return Trained(
        system=system,
        steps=(
            Step("PreprocessingStep", reads=("scripts", "data"), writes=prepared),
            Step("TrainingStep", trains=True, reads=("scripts", *system.algorithm.channels), writes=("model",)),
            Step("EvaluationStep", reads=("scripts", "model", "test"), writes=("evaluation",)),
        ),
        prepared=prepared,
        results=("model", "evaluation"),
    )
