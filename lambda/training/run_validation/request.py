"""The execution input of a training pipeline: what it may hold, and what the states after validation get."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

JOB_NAME = re.compile(r"(?=.{1,63}\Z)[a-zA-Z0-9](-*[a-zA-Z0-9])*")
EXPERIMENT = re.compile(r"(?=.{1,120}\Z)[a-zA-Z0-9](-*[a-zA-Z0-9])*")
VERSION = re.compile(r"[0-9a-f]{16}")
OUTPUT_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
ARGUMENT = re.compile(r"[a-z][a-z0-9-]{0,62}")
JOB_NAMES = ("PreprocessingJobName", "TrainingJobName", "EvaluationJobName")
TEXTS = ("ExperimentName", *JOB_NAMES, "DataVersion", "ScriptVersion", "OutputPrefix", "Comment")
MAPPINGS = ("PreprocessingParameters", "Hyperparameters")
KEYS = (*TEXTS, *MAPPINGS)
KINDS = {
    type(None): "null",
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "an object",
}
COMMENT_CHARACTERS = 1000
HYPERPARAMETERS = 100  # SageMaker's limits: how many, and characters of a name and a value
PARAMETERS = 50  # each is two of the 100 ContainerArguments that SageMaker takes
NAME_CHARACTERS = 256
VALUE_CHARACTERS = 2500
BITS = 1024  # of a whole number: as far as floating-point numbers reach
SHOWN = 80  # characters of what is wrong: more than any name has


class InvalidInput(ValueError):  # noqa: N818 - the name is the error that the state machine shows
    """An execution input that no run can be made of; the message is a sentence for who started it."""


@dataclass(frozen=True)
class RunRequest:
    """A run as asked for, its members well-formed; whether they were used before is not known here."""

    experiment: str
    preprocessing_job: str
    training_job: str
    evaluation_job: str
    data_version: str
    script_version: str
    output_prefix: str
    comment: str
    arguments: tuple[str, ...]
    """Of prepare.py: `--name value` for each preprocessing parameter."""
    hyperparameters: Mapping[str, str]

    def as_input(self) -> dict[str, Any]:
        """Return the input of the states that follow."""
        return {
            "ExperimentName": self.experiment,
            "PreprocessingJobName": self.preprocessing_job,
            "TrainingJobName": self.training_job,
            "EvaluationJobName": self.evaluation_job,
            "DataVersion": self.data_version,
            "ScriptVersion": self.script_version,
            "OutputPrefix": self.output_prefix,
            "Comment": self.comment,
            "PreprocessingArguments": list(self.arguments),
            "Hyperparameters": dict(self.hyperparameters),
        }


def parse(given: object, job_prefix: str) -> RunRequest:
    """Check an execution input. `job_prefix` is what the names of the machine's jobs begin with."""
    if not isinstance(given, dict):
        raise InvalidInput("The execution input must be a JSON object.")
    if missing := [key for key in KEYS if key not in given]:
        raise InvalidInput(f"The execution input lacks {', '.join(missing)}.")
    if unknown := sorted(key for key in given if key not in KEYS):
        raise InvalidInput(
            f"The execution input has the unknown key {_excerpt(unknown[0])}: it takes {', '.join(KEYS)}."
        )
    texts = {key: _text(key, given[key]) for key in TEXTS}
    for key in JOB_NAMES:
        _match(key, texts[key], JOB_NAME, "1 to 63 letters, digits and hyphens between them")
        if not texts[key].startswith(job_prefix):
            raise InvalidInput(f"{key} must begin with {job_prefix}, not be {_excerpt(texts[key])}.")
    if texts["PreprocessingJobName"].lower() == texts["EvaluationJobName"].lower():
        raise InvalidInput("PreprocessingJobName and EvaluationJobName must differ: both are processing jobs.")
    _match("ExperimentName", texts["ExperimentName"], EXPERIMENT, "1 to 120 letters, digits and hyphens between them")
    for key in ("DataVersion", "ScriptVersion"):
        _match(key, texts[key], VERSION, "the 16 hexadecimal digits of a published version")
    _match("OutputPrefix", texts["OutputPrefix"], OUTPUT_PREFIX, "1 to 100 letters, digits, hyphens and underscores")
    if len(texts["Comment"]) > COMMENT_CHARACTERS:
        raise InvalidInput(f"Comment has {len(texts['Comment'])} characters: it takes {COMMENT_CHARACTERS}.")
    return RunRequest(
        experiment=texts["ExperimentName"],
        preprocessing_job=texts["PreprocessingJobName"],
        training_job=texts["TrainingJobName"],
        evaluation_job=texts["EvaluationJobName"],
        data_version=texts["DataVersion"],
        script_version=texts["ScriptVersion"],
        output_prefix=texts["OutputPrefix"],
        comment=texts["Comment"],
        arguments=_arguments(given["PreprocessingParameters"]),
        hyperparameters=_hyperparameters(given["Hyperparameters"]),
    )


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidInput(f"{key} must be a text, not {_kind(value)}.")
    return value


def _match(key: str, value: str, pattern: re.Pattern[str], form: str) -> None:
    if not pattern.fullmatch(value):
        raise InvalidInput(f"{key} must be {form}, not {_excerpt(value)}.")


def _arguments(given: object) -> tuple[str, ...]:
    parameters = _values("PreprocessingParameters", given)
    if not parameters:
        raise InvalidInput("PreprocessingParameters is empty: name at least one, such as seed.")
    if len(parameters) > PARAMETERS:
        raise InvalidInput(f"PreprocessingParameters has {len(parameters)} members: a job takes {PARAMETERS} of them.")
    arguments: list[str] = []
    for name, value in parameters.items():
        if not ARGUMENT.fullmatch(name):
            raise InvalidInput(
                f"PreprocessingParameters has the name {_excerpt(name)}: use lower-case letters, digits and hyphens."
            )
        if not 1 <= len(value) <= NAME_CHARACTERS:
            raise InvalidInput(f"PreprocessingParameters.{name} must have 1 to {NAME_CHARACTERS} characters.")
        arguments += [f"--{name}", value]
    return tuple(arguments)


def _hyperparameters(given: object) -> dict[str, str]:
    values = _values("Hyperparameters", given)
    if len(values) > HYPERPARAMETERS:
        raise InvalidInput(f"Hyperparameters has {len(values)} members: SageMaker takes {HYPERPARAMETERS}.")
    for name, value in values.items():
        if not 1 <= len(name) <= NAME_CHARACTERS or len(value) > VALUE_CHARACTERS:
            raise InvalidInput(
                f"Hyperparameters.{name[:40]} is too long: a name has 1 to {NAME_CHARACTERS} characters, "
                f"a value at most {VALUE_CHARACTERS}."
            )
    return values


def _values(key: str, given: object) -> dict[str, str]:
    if not isinstance(given, dict):
        raise InvalidInput(f"{key} must be an object of names and values, not {_kind(given)}.")
    return {name: _scalar(f"{key}.{name[:SHOWN]}", value) for name, value in given.items()}


def _scalar(key: str, value: object) -> str:
    if isinstance(value, str):
        return value
    is_whole = isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= BITS
    if not is_whole and not (isinstance(value, float) and math.isfinite(value)):
        raise InvalidInput(f"{key} must be a text or a number, not {_kind(value)}.")
    return str(value)


def _excerpt(text: str) -> str:
    """Return what is wrong as a sentence quotes it: the beginning, where it is long."""
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}…")


def _kind(value: object) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "a number without a finite value"
    if isinstance(value, int) and value.bit_length() > BITS:
        return "a number of more digits than any that counts"
    return KINDS.get(type(value), type(value).__name__)
