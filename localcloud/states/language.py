"""What moto's interpreter and its origin say otherwise than the Amazon States Language, each mended apart.

Called once, by `localcloud.states.interpreter`, after the mends of moto's port.
"""

import base64
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from jsonpath_ng.parser import parse
from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.path.result_path import ResultPath
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringIntrinsicFunction
from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.array.array_range import ArrayRange
from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.encoding_decoding.base_64_decode import (
    Base64Decode,
)
from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.encoding_decoding.base_64_encode import (
    Base64Encode,
)
from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.generic.string_format import StringFormat
from moto.stepfunctions.parser.asl.component.state import state
from moto.stepfunctions.parser.asl.component.state.choice.comparison.operator.implementations.string_operators import (
    StringMatches,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

_WILDCARD: Final = re.compile(r"(\\\\|\\\*|\*)")
_LONGEST_RANGE: Final = 1000


def apply() -> None:
    """Mend all of them."""
    for mend in (
        times_of_states,
        results_that_fit_nowhere,
        wildcards_that_are_escaped,
        functions_that_fail,
        formats_with_other_arguments,
        ranges_that_count_down,
        texts_in_base64,
    ):
        mend()


def times_of_states() -> None:
    """Tell when a state was entered to the millisecond in UTC. Source: developer guide, "Context object format"."""

    def entered(EnteredTime: str, Name: str) -> dict[str, Any]:  # noqa: N803 - AWS's names
        time = datetime.fromisoformat(EnteredTime).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"EnteredTime": time, "Name": Name}

    state.StateData = entered


def results_that_fit_nowhere() -> None:
    """Fail with `States.ResultPathMatchFailure` where an input has no place for the result: `$.r` on an array.

    Source: states-language.net, "ResultPath", and "Predefined Error Codes".
    """
    put = ResultPath._eval_body

    def place(self: Any, env: Any) -> None:  # noqa: ANN401 - moto's
        path, value = self.result_path_src, env.states.get_input()
        if path is not None and not _fits(parse(path), value):
            cause = f"Unable to apply the ResultPath '{path}' to the input"
            raise _failure(env, "States.ResultPathMatchFailure", cause)
        put(self, env)

    ResultPath._eval_body = place


def _fits(path: Any, value: Any) -> bool:  # noqa: ANN401 - a parsed path, and JSON
    """Return whether each step of a path finds an object for its name, or an array for its number, or nothing yet."""
    steps: list[Any] = []
    while hasattr(path, "left"):
        steps.insert(0, path.right)
        path = path.left
    for step in steps:
        if value is None:
            return True
        if hasattr(step, "fields"):
            if not isinstance(value, dict):
                return False
            value = value.get(step.fields[0])
        else:
            (number,) = getattr(step, "indices", (0,))
            if not isinstance(value, list):
                return False
            value = value[number] if number < len(value) else None
    return True


def wildcards_that_are_escaped() -> None:
    r"""Let `\\*` stand for an asterisk, and let nothing but `*` be a wildcard; moto's are those of a shell.

    Source: states-language.net, "StringMatches".
    """

    def matches(variable: Any, comparison_value: str) -> bool:  # noqa: ANN401 - JSON
        kinds = {"*": ".*", "\\*": r"\*", "\\\\": r"\\"}
        pattern = "".join(kinds.get(part, re.escape(part)) for part in _WILDCARD.split(comparison_value))
        return isinstance(variable, str) and re.fullmatch(pattern, variable, re.DOTALL) is not None

    StringMatches._compare = staticmethod(matches)


def functions_that_fail() -> None:
    """Fail with `States.IntrinsicFailure` where an intrinsic function does; moto has `States.Runtime`.

    Source: developer guide, "Error names".
    """
    evaluate = StringIntrinsicFunction._eval_body

    def call(self: Any, env: Any) -> None:  # noqa: ANN401 - moto's
        try:
            evaluate(self, env)
        except (FailureEventException, NoSuchJsonPathError):
            raise
        except Exception as error:
            said = f"The function '{self.intrinsic_function_derivation}' had the following error: {error}"
            raise _failure(env, "States.IntrinsicFailure", said) from error

    StringIntrinsicFunction._eval_body = call


def formats_with_other_arguments() -> None:
    r"""Let `States.Format` refuse more or fewer arguments than its `{}`, and know nothing else of Python's formats.

    Source: developer guide, "Intrinsic functions": as many arguments as occurrences of `{}`; `\{` is a brace.
    """

    def write(self: Any, env: Any) -> None:  # noqa: ANN401 - moto's
        self.argument_list.eval(env=env)
        template, *values = env.stack.pop()
        parts = re.split(r"(?<!\\)\{\}", template)
        if len(parts) != len(values) + 1:
            raise ValueError(f"number of arguments do not match the occurrences of {{}} in '{template}'")
        texts = [*map(self._to_str_repr, values), ""]
        env.stack.append("".join(re.sub(r"\\([{}'\\])", r"\1", a) + b for a, b in zip(parts, texts, strict=True)))

    StringFormat._eval_body = write


def ranges_that_count_down() -> None:
    """Let `States.ArrayRange` count down too; moto refuses a step below 0.

    Source: developer guide, "Intrinsic functions": the increment is any number but 0, at most 1,000 items.
    """

    def count(self: Any, env: Any) -> None:  # noqa: ANN401 - moto's
        self.argument_list.eval(env=env)
        first, last, step = (round(number) for number in env.stack.pop())
        numbers = range(first, last + (1 if step > 0 else -1), step)
        if len(numbers) > _LONGEST_RANGE:
            raise ValueError(f"Arrays cannot contain more than {_LONGEST_RANGE} items, size: {len(numbers)}.")
        env.stack.append(list(numbers))

    ArrayRange._eval_body = count


def _failure(env: Any, error: str, cause: str) -> FailureEventException:  # noqa: ANN401 - moto's
    details = EventDetails(taskFailedEventDetails=TaskFailedEventDetails(error=error, cause=cause))
    name = ErrorName(error_name=error)
    return FailureEventException(
        FailureEvent(env=env, error_name=name, event_type=HistoryEventType.TaskFailed, event_details=details)
    )


def texts_in_base64() -> None:
    """Encode any text, and decode Base64 alone: moto takes ASCII only, and leaves out what is no Base64.

    Source: developer guide, "Intrinsic functions for data encoding and decoding": MIME Base64, 10,000 characters.
    """

    def evaluating(convert: Callable[[str], str], longest: int) -> Callable[[Any, Any], None]:
        def evaluate(self: Any, env: Any) -> None:  # noqa: ANN401 - moto's
            self.argument_list.eval(env=env)
            text = env.stack.pop().pop()
            if len(text) > longest:
                raise ValueError(f"the text has more than {longest} characters")
            env.stack.append(convert(text))

        return evaluate

    Base64Encode._eval_body = evaluating(
        lambda text: base64.b64encode(text.encode()).decode(), Base64Encode.MAX_INPUT_CHAR_LEN
    )
    Base64Decode._eval_body = evaluating(
        lambda text: base64.b64decode(text, validate=True).decode(), Base64Decode.MAX_INPUT_CHAR_LEN
    )
