"""What AWS refuses in the definition of a state machine: a walk over its states, and the grammar of the interpreter.

Words and places are AWS's where a refusal of its has been published: recorded answers in the tests of LocalStack,
floci-io/floci#2735 and #2786, localstack/localstack#12487, serverless-operations/serverless-step-functions#250.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from localsagemaker.errors import ServiceError

SCHEMA: Final = "SCHEMA_VALIDATION_FAILED"
TARGET: Final = "MISSING_TRANSITION_TARGET"
TYPES: Final = ("Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map")
_ONLY_IN: Final[Mapping[str, frozenset[str]]] = {
    "TimeoutSeconds": frozenset({"Task"}),
    "TimeoutSecondsPath": frozenset({"Task"}),
    "HeartbeatSeconds": frozenset({"Task"}),
    "HeartbeatSecondsPath": frozenset({"Task"}),
    "Resource": frozenset({"Task"}),
    "Retry": frozenset({"Task", "Map", "Parallel"}),
    "Catch": frozenset({"Task", "Map", "Parallel"}),
    "Next": frozenset(TYPES) - {"Succeed", "Fail", "Choice"},
    "End": frozenset(TYPES) - {"Succeed", "Fail", "Choice"},
}
"""The types of state that may have a field; other fields are left to the grammar."""
_REQUIRED: Final[Mapping[str, str]] = {"Task": "Resource", "Choice": "Choices", "Parallel": "Branches"}
_WAITS: Final = ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")
_PATHS: Final = ("InputPath", "OutputPath", "ItemsPath", "SecondsPath", "TimestampPath", "TimeoutSecondsPath",
                 "HeartbeatSecondsPath", "ErrorPath", "CausePath")  # fmt: skip
_OF_STATES: Final = frozenset({"Branches", "ItemProcessor", "Iterator"})
"""Fields that hold states, which are walked through by themselves."""
_TIMESTAMP: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_REFERENCE: Final = re.compile(r"\$(\.[^.\[\]*?()@]+|\['[^']+'\]|\[\d+\])*")
_LABEL: Final = re.compile(r"[^\s?*<>{}\[\]:;,\\|^~$#%&`\"\x00-\x1f\x7f-\x9f]{1,40}")
_NAME_LENGTH: Final = 80
_WORD: Final = re.compile(r"[A-Za-z_][\w]*")
Definition = Mapping[str, Any]


@dataclass(frozen=True)
class Diagnostic:
    """What is wrong with a definition, and where: `/States/Wait/Seconds`."""

    code: str
    message: str
    location: str | None = None

    @property
    def sentence(self) -> str:
        """How an `InvalidDefinition` says it."""
        return f"{self.code}: {self.message} at {self.location or 'null'}"


@dataclass(frozen=True)
class Grammar:
    """The interpreter's opinion: why it cannot read a definition, or a path or function; None when it can."""

    definition: Callable[[str], str | None]
    path: Callable[[str], str | None]
    variables: Callable[[str], Mapping[str, Any]] = lambda _: {}
    """The names of the variables that each state reads."""
    expressions: Callable[[Any, str], Iterator[tuple[str, str, str]]] = lambda *_: iter(())
    """What is wrong with each expression within a value that stands somewhere: code, words and place."""


def require(definition: str, kind: str, grammar: Grammar) -> None:
    """Raise `ServiceError("InvalidDefinition")` unless AWS would take the definition for a machine of that type."""
    if found := diagnose(definition, kind, grammar):
        listed = ", ".join(diagnostic.sentence for diagnostic in found)
        raise ServiceError("InvalidDefinition", f"Invalid State Machine Definition: '{listed}'")


def diagnose(definition: str, kind: str, grammar: Grammar) -> list[Diagnostic]:
    """Find all that is wrong with a definition for a machine of type STANDARD or EXPRESS."""
    try:
        document = json.loads(definition) if definition.strip() else None
    except ValueError as error:
        message, location = jackson(definition, error)
        return [Diagnostic("INVALID_JSON_DESCRIPTION", f"{message}\n at {location}", location)]
    if not isinstance(document, dict):
        return [Diagnostic(SCHEMA, "Definition must be a valid JSON object")]
    found = list(_Walk(kind, grammar).container(document, "", str(document.get("QueryLanguage", "JSONPath"))))
    if not found and (reason := grammar.definition(definition)):
        found = [Diagnostic(SCHEMA, reason, _place(document, reason))]
    return found


def jackson(text: str, error: ValueError) -> tuple[str, str]:
    """Say why a text is no JSON as AWS's parser does, and where."""
    at = getattr(error, "pos", 0)
    head = text[:at]
    word = _WORD.match(text, at)
    column = at - (head.rfind("\n") + 1) + 1
    if word:
        message = (
            f"Unrecognized token '{word[0]}': was expecting (JSON String, Number, Array, Object or token 'null', "
            "'true' or 'false')"
        )
        column += len(word[0])
    elif at < len(text):
        wanted = "double-quote to start field name" if "property name" in str(error) else "a valid value"
        message = f"Unexpected character ('{text[at]}' (code {ord(text[at])})): was expecting {wanted}"
    else:
        message = "Unexpected end-of-input"
    return message, f'[Source: (String)"{text}"; line: {head.count(chr(10)) + 1}, column: {column}]'


@dataclass(frozen=True)
class _Walk:
    """A walk over the states of a machine of one type, and of what its Map and Parallel states hold."""

    kind: str
    grammar: Grammar

    def container(self, document: Definition, place: str, language: str) -> Iterator[Diagnostic]:
        """Walk through what holds states: a machine, a branch, or the processor of a Map."""
        missing = [field for field in ("States", "StartAt") if field not in document]
        if missing:
            yield Diagnostic(SCHEMA, f"These fields are required: [{', '.join(missing)}]", place or "/")
            return
        states = document["States"]
        if not isinstance(states, dict) or not states:
            yield Diagnostic(SCHEMA, "Value cannot be empty", f"{place}/States")
            return
        found = [
            item for name in states for item in self._state(name, states[name], f"{place}/States/{name}", language)
        ]
        yield from found or _transitions(document["StartAt"], states, place)

    def _state(self, name: str, state: Any, place: str, language: str) -> Iterator[Diagnostic]:  # noqa: ANN401 - JSON
        if not isinstance(state, dict):
            yield Diagnostic(SCHEMA, "Value must be an object", place)
            return
        if len(name) > _NAME_LENGTH:
            yield Diagnostic(
                SCHEMA, f"State name length must be less than or equal to {_NAME_LENGTH} characters", place
            )
        kind = state.get("Type")
        if kind is None:
            yield Diagnostic(SCHEMA, "These fields are required: [Type]", place)
            return
        if kind not in TYPES:
            wanted = ", ".join(TYPES)
            yield Diagnostic(SCHEMA, f"The field 'Type' should have one of these values: [{wanted}]", f"{place}/Type")
            return
        if (language, state.get("QueryLanguage")) == ("JSONata", "JSONPath"):
            message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
            yield Diagnostic(SCHEMA, message, place)
        for field, types in _ONLY_IN.items():
            if field in state and kind not in types:
                yield Diagnostic(SCHEMA, f"Field '{field}' is not supported", place)
        required = _REQUIRED.get(kind)
        if required and required not in state:
            yield Diagnostic(SCHEMA, f"These fields are required: [{required}]", place)
        if kind in _ONLY_IN["Next"] and ("Next" in state) == (state.get("End") is True):
            yield Diagnostic(SCHEMA, "Exactly one of the fields [Next, End] is required", place)
        yield from self._parts(state, kind, place, language)

    def _parts(self, state: Definition, kind: str, place: str, language: str) -> Iterator[Diagnostic]:
        yield from _handlers(state, place)
        if state.get("QueryLanguage", language) == "JSONPath":
            yield from self._paths(state, place)
        else:
            own = {field: value for field, value in state.items() if field not in _OF_STATES}
            yield from (Diagnostic(*found) for found in self.grammar.expressions(own, place))
        match kind:
            case "Task":
                yield from self._task(state, place)
            case "Wait":
                yield from _wait(state, place)
            case "Choice":
                yield from _choices(state, place)
            case "Parallel":
                branches = state.get("Branches", [None])
                if not branches:
                    yield Diagnostic(SCHEMA, "Value cannot be empty", f"{place}/Branches")
                for index, branch in enumerate(branches):
                    if isinstance(branch, dict):
                        yield from self.container(branch, f"{place}/Branches[{index}]", language)
            case "Map":
                yield from self._map(state, place, language)

    def _task(self, state: Definition, place: str) -> Iterator[Diagnostic]:
        credentials = state.get("Credentials")
        if isinstance(credentials, dict) and not credentials.keys() & {"RoleArn", "RoleArn.$"}:
            message = "The field 'RoleArn' is required but was missing"
            yield Diagnostic(SCHEMA, message, f"{place}/Credentials")
        resource = str(state.get("Resource", ""))
        if self.kind != "EXPRESS":
            return
        if ":activity:" in resource:
            yield Diagnostic(SCHEMA, "Express state machine does not support Activity ARN", f"{place}/Resource")
        elif resource.endswith(".waitForTaskToken"):
            message = "Express state machine does not support '.waitForTaskToken' service integration "
            yield Diagnostic(SCHEMA, message, f"{place}/Resource")
        elif re.search(r"\.sync(:2)?$", resource):
            message = "Express state machine does not support '.sync' service integration"
            yield Diagnostic(SCHEMA, message, f"{place}/Resource")

    def _map(self, state: Definition, place: str, language: str) -> Iterator[Diagnostic]:
        field = "ItemProcessor" if "ItemProcessor" in state else "Iterator"
        if not isinstance(state.get(field), dict):
            yield Diagnostic(SCHEMA, "These fields are required: [ItemProcessor]", place)
            return
        label = state.get("Label")
        if label is not None and not _LABEL.fullmatch(str(label)):
            message = "A label has 1 to 40 characters without white space, wildcards, brackets and control characters"
            yield Diagnostic(SCHEMA, message, f"{place}/Label")
        yield from self.container(state[field], f"{place}/{field}", language)

    def _paths(self, state: Definition, place: str) -> Iterator[Diagnostic]:
        for field in _PATHS:
            path = state.get(field)
            if isinstance(path, str) and self.grammar.path(path):
                yield Diagnostic(SCHEMA, f"Value is not a valid JSONPath: {path}", f"{place}/{field}")
        result = state.get("ResultPath")
        if isinstance(result, str) and not _REFERENCE.fullmatch(result):
            yield Diagnostic(SCHEMA, "Value is not a Reference Path", f"{place}/ResultPath")
        for field in ("Parameters", "ResultSelector", "ItemSelector", "Assign"):
            yield from self._template(state.get(field), f"{place}/{field}")

    def _template(self, value: Any, place: str) -> Iterator[Diagnostic]:  # noqa: ANN401 - JSON
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in items:
            step = f"[{key}]" if isinstance(value, list) else f"/{key}"
            if str(key).endswith(".$"):
                if not isinstance(inner, str) or self.grammar.path(inner):
                    wanted = "a valid JSONPath or a valid intrinsic function call"
                    yield Diagnostic(SCHEMA, f"The value for the field '{key}' must be {wanted}", place)
            else:
                yield from self._template(inner, place + step)


def _transitions(start: str, states: Mapping[str, Definition], place: str) -> Iterator[Diagnostic]:
    """Find where states lead to none, whether one ends, and whether each is led to."""
    moves = {name: list(_moves(state, f"{place}/States/{name}")) for name, state in states.items()}
    for target, where in [(start, f"{place}/StartAt"), *(move for found in moves.values() for move in found)]:
        if target not in states:
            yield Diagnostic(TARGET, f"Missing 'Next' target: {target}", where)
    if not any(_ends(state) for state in states.values()):
        yield Diagnostic("MISSING_END_STATE", "Workflow has no terminal state")
        return
    reached, ahead = set(), [start]
    while ahead:
        name = ahead.pop()
        if name in states and name not in reached:
            reached.add(name)
            ahead += [target for target, _ in moves[name]]
    for name in states:
        if name not in reached:
            yield Diagnostic(TARGET, f'State "{name}" is not reachable.', f"{place}/States/{name}")


def _wait(state: Definition, place: str) -> Iterator[Diagnostic]:
    given = [field for field in _WAITS if field in state]
    if len(given) != 1:
        yield Diagnostic(SCHEMA, f"Exactly one of the fields [{', '.join(_WAITS)}] is required", place)
    time = state.get("Timestamp")
    if isinstance(time, str) and not time.startswith("{%") and not _real_time(time):
        yield Diagnostic(SCHEMA, "String does not match RFC3339 timestamp", f"{place}/Timestamp")


def _real_time(text: str) -> bool:
    """Return whether a text is a timestamp of a day that there is."""
    if not _TIMESTAMP.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _choices(state: Definition, place: str) -> Iterator[Diagnostic]:
    choices = state.get("Choices", [None])
    if not choices:
        yield Diagnostic(SCHEMA, "Value cannot be empty", f"{place}/Choices")
    for index, rule in enumerate(choices):
        if isinstance(rule, dict) and "Next" not in rule:
            yield Diagnostic(SCHEMA, "These fields are required: [Next]", f"{place}/Choices[{index}]")


def _handlers(state: Definition, place: str) -> Iterator[Diagnostic]:
    for field, needed in (("Retry", ["ErrorEquals"]), ("Catch", ["ErrorEquals", "Next"])):
        for index, handler in enumerate(state.get(field) or ()):
            if isinstance(handler, dict) and (missing := [name for name in needed if name not in handler]):
                message = f"These fields are required: [{', '.join(missing)}]"
                yield Diagnostic(SCHEMA, message, f"{place}/{field}[{index}]")


def _moves(state: Definition, place: str) -> Iterator[tuple[str, str]]:
    """Where a state leads to, and where it says so."""
    for field in ("Next", "Default"):
        if field in state:
            yield state[field], f"{place}/{field}"
    for field in ("Choices", "Catch"):
        for index, rule in enumerate(state.get(field) or ()):
            if isinstance(rule, dict) and "Next" in rule:
                yield rule["Next"], f"{place}/{field}[{index}]/Next"


def _ends(state: Definition) -> bool:
    return state.get("End") is True or state["Type"] in {"Succeed", "Fail"}


def _place(document: Definition, reason: str) -> str | None:
    """Where a resource stands that the grammar does not know."""
    for name, state in document["States"].items():
        if state.get("Resource") and str(state["Resource"]) in reason:
            return f"/States/{name}/Resource"
    return None
