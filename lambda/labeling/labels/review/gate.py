"""Which predictions people review: those of little confidence, and some at random, to learn where sure ones are wrong.

The same prediction is decided alike whenever it comes, and becomes one loop, whose name is made of its inference id.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from math import isfinite
from typing import Any, Final

NAME: Final = 20
"""How many digits of the digest a loop's name has."""


class GateError(ValueError):
    """A rule that nobody can keep, or a prediction that is none; one sentence."""


@dataclass(frozen=True)
class Rule:
    """What is reviewed, and how much of it on a day at most."""

    below: float = 0.90
    """A prediction of less confidence is,"""
    share: float = 0.02
    """and so is this share of the others."""
    most: int = 100

    def __post_init__(self) -> None:
        """Raise GateError for a rule that asks for the impossible."""
        for name, value in (("below", self.below), ("share", self.share)):
            if not 0 <= value <= 1:
                raise GateError(f"{name} is {value}: give a number between 0 and 1.")
        if self.most < 0:
            raise GateError(f"{self.most} reviews a day are impossible: give 0 or more.")


@dataclass(frozen=True)
class Prediction:
    """What a model said about one object."""

    inference: str
    """The inference id: with it the same prediction is known again."""
    label: str
    confidence: float
    digest: str = ""
    """Of what it was asked about, where that may come again under another id."""
    classes: tuple[str, ...] = field(default=(), compare=False)
    """All that the model can say."""

    def __post_init__(self) -> None:
        """Raise GateError for what is no prediction."""
        if not self.inference:
            raise GateError("A prediction has no inference id: give InferenceId to InvokeEndpoint.")
        if not isfinite(self.confidence) or not 0 <= self.confidence <= 1:
            raise GateError(f"The confidence of {self.inference} is {self.confidence}: it is between 0 and 1.")

    @property
    def identity(self) -> str:
        """What is reviewed once."""
        return self.digest or self.inference


@dataclass(frozen=True)
class Decision:
    """Whether a prediction is reviewed, and why or why not, in a sentence."""

    prediction: Prediction
    opens: bool
    why: str


USUAL: Final = Rule()


def decide(
    predictions: Iterable[Prediction], rule: Rule = USUAL, *, reviewed: Collection[str] = (), today: int = 0
) -> list[Decision]:
    """Return what becomes of each prediction, in their order.

    `reviewed` are the identities for which a loop was opened ever, `today` how many were opened on this day. Where
    there is no room for all, the least confident come first.
    """
    given = list(predictions)
    room, seen = max(rule.most - today, 0), {*reviewed}
    decided: dict[int, Decision] = {}
    for number, each in sorted(enumerate(given), key=lambda one: (one[1].confidence, one[1].inference)):
        why = _why(each, rule)
        if not why:
            decided[number] = Decision(each, opens=False, why=f"{each.confidence:.4g} is not below {rule.below:g}.")
        elif each.identity in seen:
            decided[number] = Decision(each, opens=False, why="It was sent to review before.")
        elif not room:
            decided[number] = Decision(each, opens=False, why=f"{rule.most} reviews a day are the cap.")
        else:
            room -= 1
            seen.add(each.identity)
            decided[number] = Decision(each, opens=True, why=why)
    return [decided[number] for number in range(len(given))]


def _why(prediction: Prediction, rule: Rule) -> str:
    if prediction.confidence < rule.below:
        return f"{prediction.confidence:.4g} is below {rule.below:g}."
    if _chance(prediction.inference) < rule.share:
        return f"One of {rule.share:.2%} that are taken at random."
    return ""


def _chance(inference: str) -> float:
    """Return a number between 0 and 1 that is always the same for one id."""
    return int.from_bytes(sha256(f"review\n{inference}".encode()).digest()[:8]) / 2**64


def of_classifier(answer: str | bytes, inference: str) -> Iterator[Prediction]:
    """Yield the predictions of an answer of the image classifier's endpoint: one for each picture. Raises GateError."""
    try:
        value = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise GateError(f"The answer {inference} is no JSON: {error}.") from error
    match value:
        case {"predictions": [*predictions]}:
            for number, each in enumerate(predictions):
                label, confidence, classes = _of_picture(each, f"Prediction {number + 1} of {inference}")
                identity = inference if len(predictions) == 1 else f"{inference}-{number}"
                yield Prediction(identity, label, confidence, classes=classes)
        case _:
            raise GateError(f"The answer {inference} has no predictions.")


def _of_picture(prediction: object, what: str) -> tuple[str, float, tuple[str, ...]]:
    match prediction:
        case {"predicted_label": str(label), "probabilities": dict(probabilities)}:
            confidence = probabilities.get(label)
            if isinstance(confidence, int | float):
                return label, float(confidence), tuple(probabilities)
    raise GateError(f"{what} has no predicted_label with a probability.")


def confidence_of(scores: Sequence[float]) -> float:
    """Return how sure a model is that marks several things: as sure as of the least sure one, and sure of none."""
    return min(scores, default=1.0)


def start(
    prediction: Prediction, flow: str, task_object: str, classes: Sequence[str], initial: object
) -> Mapping[str, Any]:
    """Return the body of StartHumanLoop for a prediction; equal ones give equal bodies, and so one loop.

    `flow` is the flow definition's ARN. People can choose of all `classes`, not only of those that the model said.
    """
    content = {
        "taskObject": task_object,
        "labels": list(classes),
        "initialValue": initial,
        "inferenceId": prediction.inference,
        "confidence": prediction.confidence,
    }
    return {
        "HumanLoopName": name(prediction, flow),
        "FlowDefinitionArn": flow,
        "HumanLoopInput": {"InputContent": json.dumps(content, ensure_ascii=False, sort_keys=True)},
    }


def name(prediction: Prediction, flow: str) -> str:
    """Return the name of the loop of a prediction: the same for what is reviewed once."""
    digest = sha256(f"{flow}\n{prediction.identity}".encode()).hexdigest()
    return f"review-{digest[:NAME]}"
