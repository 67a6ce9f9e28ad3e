"""Reviews of predictions: what could be done to human loops, and to predictions that wait for one, and who may."""

from collections.abc import Iterator, Sequence
from typing import Final

from checks.access.labeling import TOLD, acts_on_tasks, keeps
from checks.access.operation import Operation
from checks.access.policies import Environment as Policies
from checks.access.rights import ENCRYPT, FUNCTION, SEEN
from checks.access.workload import Workload, workload

LIST_PREDICTIONS: Final = "list predictions for review"
PARTS: Final = {
    "call the service of human loops": "loops",
    "carry human loops on past the table": "course",
    "tell of the end of a human loop past the table": "news",
}
GATE: Final = "decide over predictions before it is time"
TOKENS: Final = {
    "answer a state machine that waits": "SendTaskSuccess",
    "fail a state machine that waits": "SendTaskFailure",
}


def operations(systems: Sequence[str]) -> Iterator[Operation]:
    """Yield what could be done to human loops, and to predictions of these systems, which people review."""
    for name, part in {**PARTS, **({GATE: "gate"} if systems else {})}.items():
        yield Operation(name, "lambda:InvokeFunction", f"{{review_{part}}}")
    for name, action in TOKENS.items():
        yield Operation(name, f"states:{action}", "*")
    yield Operation("keep a state machine waiting", "states:SendTaskHeartbeat", "*")
    for system in systems:
        place = f"arn:aws:s3:::{{data}}/labeling-predictions/{system}/id.json"
        for verb, action in (("write", "Put"), ("read", "Get"), ("delete", "Delete")):
            yield Operation(f"{verb} predictions of {system} for review", f"s3:{action}Object", place)
    listed = {"s3:prefix": "labeling-predictions/images/"}
    yield Operation(LIST_PREDICTIONS, "s3:ListBucket", "arn:aws:s3:::{data}", listed)


def names(policies: Policies, systems: Sequence[str]) -> dict[str, str]:
    """Return the ARNs that the operations name."""
    parts = [*PARTS.values(), *(["gate"] if systems else [])]
    return {
        f"review_{part}": policies.arn("labeling", "AWS::Lambda::Function", f"Reviews{part.title()}") for part in parts
    }


def writes_predictions(system: str) -> set[str]:
    """Return what the function of the API may do besides that asks a system whose predictions people review."""
    return {f"write predictions of {system} for review"} | ENCRYPT


def workloads(systems: Sequence[str]) -> Iterator[Workload]:
    """Yield the rows of the functions; who tells of ends is outside of the network, and sees nothing of the tasks."""
    letters = {"send to the dead-letter queue of labeling"}
    acts = acts_on_tasks() | keeps() | FUNCTION | SEEN | letters
    described = "Takes operations on human loops, and on what they are made of"
    yield workload("labeling", described, acts, inside=True)
    ends = {"write the data that is to be labeled"} | set(TOLD)
    yield workload("labeling", "Carries human loops on, and ends them", acts, ends, inside=True)
    hears = set(TOLD) | {"read with the data key through DynamoDB"} | SEEN | letters
    tells = set(TOKENS) | {"put events on the account's bus"}
    yield workload("labeling", "Tells the bus and state machines that human loops have ended", hears, tells)
    if systems:
        decides = {f"{verb} predictions of {system} for review" for system in systems for verb in ("read", "delete")}
        decides |= {LIST_PREDICTIONS, "write pictures that are reviewed"}
        yield workload("labeling", "Sends predictions to review", acts, decides, inside=True)
