"""moto's interpreter of the Amazon States Language, hosted: what it calls, how it waits, and what it is asked.

Importing this takes more than a second: the service does when its first state machine is made.
"""

import functools
import json
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import jsonata as jsonata_python
from antlr4 import CommonTokenStream, InputStream
from botocore.client import BaseClient
from moto.stepfunctions.parser import utils
from moto.stepfunctions.parser.asl.antlr.runtime.ASLIntrinsicLexer import ASLIntrinsicLexer
from moto.stepfunctions.parser.asl.antlr.runtime.ASLIntrinsicParser import ASLIntrinsicParser
from moto.stepfunctions.parser.asl.component.common.flow.start_at import StartAt
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_factory import (
    state_task_service_for,
)
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackOutcomeFailure,
    CallbackOutcomeSuccess,
)
from moto.stepfunctions.parser.asl.eval.evaluation_details import (
    AWSExecutionDetails,
    EvaluationDetails,
    ExecutionDetails,
    StateMachineDetails,
)
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramError, ProgramTimedOut
from moto.stepfunctions.parser.asl.jsonata import jsonata
from moto.stepfunctions.parser.asl.parse.asl_parser import (
    AmazonStateLanguageParser,
    ASLParserException,
    SyntaxErrorListener,
)
from moto.stepfunctions.parser.asl.static_analyser.variable_references_static_analyser import (
    VariableReferencesStaticAnalyser,
)
from moto.stepfunctions.parser.asl.utils import json_path
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker

from localcloud.states import answers, api_calls, expressions, language, mends, paths
from localcloud.states.definitions import Grammar
from localcloud.states.histories import FULL, BoundedHistory
from localcloud.states.jobs import service_for
from localcloud.states.sagemaker_tasks import SageMakerTasks

_MOTO: Final = "moto.stepfunctions.parser"
PAUSE_SECONDS: Final = 0.05
_retry: Final = retrier_decl.RetrierDecl._eval_body  # noqa: SLF001 - moto's, which a shorter clock is given to
Clients = Callable[[str, str, str], Any]
"""Makes a client of a service, in a region, in a session of a role (ARN)."""


@dataclass(frozen=True)
class Redrive:
    """How a run goes on that has ended: in which state, with which input, and what it had until then (moto's)."""

    state: str
    input: Any
    count: int
    time: datetime
    before: Any


@dataclass(frozen=True)
class Run:
    """What is run: a definition with an input, as whom, and under which names."""

    account: str
    region: str
    machine_arn: str
    machine_name: str
    kind: str
    definition: str
    role: str
    arn: str
    name: str
    input: Any
    started: datetime
    log: Any = None
    redrive: Redrive | None = None


@dataclass(frozen=True)
class RunEnd:
    """How a run ended: a status, and the output or error and cause."""

    status: str
    output: str | None = None
    error: str | None = None
    cause: str | None = None


class Interpreter:
    """moto's interpreter, in this process; there is one."""

    def __init__(self, clients: Clients, tasks: SageMakerTasks, scale: float) -> None:
        _mend()
        _connect(clients)
        api_calls.reach_apis(clients)
        _follow_jobs(tasks)
        _evaluate_jsonata()
        self.scale = scale
        _scale_waits(lambda: self.scale)
        self.grammar = Grammar(_unreadable, _no_path, _variables, _wrong_expressions)

    def worker(self, run: Run, activities: Mapping[str, Any], ended: Callable[[RunEnd], None]) -> ExecutionWorker:
        """Make what begins a run on a thread of its own when it is started; `ended` is called there at its end."""
        utils.TMP_THREADS.clear()  # where moto remembers every thread that it ever began
        details = EvaluationDetails(
            aws_execution_details=AWSExecutionDetails(account=run.account, region=run.region, role_arn=run.role),
            execution_details=ExecutionDetails(
                arn=run.arn, name=run.name, role_arn=run.role, inpt=run.input, start_time=_iso(run.started)
            ),
            state_machine_details=StateMachineDetails(
                arn=run.machine_arn, name=run.machine_name, typ=run.kind, definition=run.definition
            ),
        )
        end = _End(ended)
        worker = _Worker(
            evaluation_details=details,
            exec_comm=end,
            cloud_watch_logging_session=run.log,
            activity_store=activities,
        )
        worker.redrive = run.redrive
        end.worker = worker
        return worker

    def succeed(self, endpoint: Any, output: str) -> None:  # noqa: ANN401 - moto's
        """End the task that waits at a callback's endpoint with its output."""
        endpoint.notify(CallbackOutcomeSuccess(callback_id=endpoint.callback_id, output=output))

    def fail(self, endpoint: Any, error: str | None, cause: str | None) -> None:  # noqa: ANN401 - moto's
        """End the task that waits at a callback's endpoint with an error."""
        endpoint.notify(CallbackOutcomeFailure(callback_id=endpoint.callback_id, error=error, cause=cause))


class _Worker(ExecutionWorker):  # type: ignore[misc] # moto has no types
    """An execution's worker, whose context object has what AWS's has, and that may go on where another ended."""

    redrive: Redrive | None = None

    def _get_evaluation_environment(self) -> Any:  # noqa: ANN401 - moto's
        env = super()._get_evaluation_environment()
        env.event_manager = BoundedHistory(env)
        execution = env.states.context_object.context_object_data["Execution"]
        if env.is_standard_workflow():  # Express ones go on with nothing
            execution["RedriveCount"] = self.redrive.count if self.redrive else 0
        if self.redrive:
            execution["RedriveTime"] = _iso(self.redrive.time)
        return env

    def _execution_logic(self) -> None:
        if self.redrive is None:
            super()._execution_logic()
            return
        program, env, redrive = self._get_evaluation_entrypoint(), self._get_evaluation_environment(), self.redrive
        program.start_at = StartAt(start_at_name=redrive.state)
        env.event_manager = redrive.before.event_manager
        env.event_manager.follow(env)
        env.map_run_record_pool_manager = redrive.before.map_run_record_pool_manager
        env.variable_store = redrive.before.variable_store
        env.states.reset(redrive.input)
        last = env.event_manager.get_event_history()[-1]["id"]
        env.event_history_context.integrate(EventHistoryContext(previous_event_id=last))
        self.env = env
        env.event_manager.add_event(
            context=env.event_history_context,
            event_type="ExecutionRedriven",
            event_details={"executionRedrivenEventDetails": {"redriveCount": redrive.count}},
        )
        program.eval(env)
        self._execution_communication.terminated()


class _End:
    """What moto tells at the end of a run."""

    worker: ExecutionWorker

    def __init__(self, ended: Callable[[RunEnd], None]) -> None:
        self._ended = ended

    def terminated(self) -> None:
        """Tell how it ended."""
        env = self.worker.env
        state = env.program_state()
        if env.event_manager.full:
            self._ended(RunEnd("FAILED", **FULL))
        elif isinstance(state, ProgramEnded):
            self._ended(RunEnd("SUCCEEDED", to_json_str(env.states.get_input(), separators=(",", ":"))))
        elif isinstance(state, ProgramTimedOut):
            self._ended(RunEnd("TIMED_OUT"))
        elif isinstance(state, ProgramError):
            error = state.error or {}
            self._ended(RunEnd("FAILED", error=error.get("error"), cause=error.get("cause")))
        else:
            self._ended(RunEnd("ABORTED", error=state.error, cause=state.cause))


@functools.cache
def _mend() -> None:
    """Mend moto, once in a process."""
    logging.getLogger("moto").setLevel(logging.CRITICAL)  # it logs each failed task as an error of its own
    mends.apply()
    paths.apply()
    language.apply()
    answers.add_metadata()


def _replace(name: str, function: Callable[..., Any]) -> None:
    """Put a function in place of moto's of that name, in every module that has imported it."""
    for module in [m for key, m in sys.modules.items() if key.startswith(_MOTO)]:
        if hasattr(module, name):
            setattr(module, name, function)


def _connect(clients: Clients) -> None:
    """Let tasks call this cloud, in the session of their role."""

    def client(region: str, service: str, state_credentials: Any) -> Any:  # noqa: ANN401 - moto's
        made = clients(service, region, state_credentials.role_arn)
        if isinstance(made, BaseClient):
            made.meta.events.register("after-call", answers.remember, unique_id="states")
        return made

    _replace("boto_client_for", client)


def _follow_jobs(tasks: SageMakerTasks) -> None:
    """Give SageMaker the integration that moto lacks."""

    def task_for(service_name: str) -> Any:  # noqa: ANN401 - moto's
        return service_for(tasks) if service_name == "sagemaker" else state_task_service_for(service_name)

    _replace("state_task_service_for", task_for)


def _evaluate_jsonata() -> None:
    """Evaluate JSONata, which moto leaves to a Java program."""

    def evaluate(expression: str) -> Any:  # noqa: ANN401 - JSON
        try:
            return json.loads(json.dumps(jsonata_python.Jsonata(expression).evaluate(None)))
        except Exception as error:
            raise jsonata.JSONataException("UNKNOWN", str(error)) from error

    jsonata._eval_jsonata = evaluate  # noqa: SLF001 - the place that moto keeps for it


def _scale_waits(scale: Callable[[], float]) -> None:
    """Shorten waits, and pauses before another attempt, which end where the execution is stopped."""

    def wait(_: Any, env: Any, wait_seconds: float) -> None:  # noqa: ANN401 - moto's
        end = time.monotonic() + wait_seconds / scale()
        while env.is_running() and (left := end - time.monotonic()) > 0:
            env.program_state_event.wait(min(left, 1))

    pausing = threading.local()

    class Clock:
        """What the retrier knows of time."""

        @staticmethod
        def sleep(seconds: float) -> None:
            """Pause."""
            end = time.monotonic() + seconds / scale()
            while pausing.env.is_running() and (left := end - time.monotonic()) > 0:
                time.sleep(min(left, PAUSE_SECONDS))

    def retry(self: Any, env: Any) -> None:  # noqa: ANN401 - moto's
        pausing.env = env
        _retry(self, env)

    WaitFunction._wait_interval = wait  # noqa: SLF001
    retrier_decl.RetrierDecl._eval_body = retry  # noqa: SLF001
    retrier_decl.time = Clock


def _unreadable(definition: str) -> str | None:
    try:
        AmazonStateLanguageParser.parse(definition)
    except ASLParserException as error:
        return "; ".join(error.errors)
    except Exception as error:  # noqa: BLE001 - moto raises what comes
        return str(error)
    return None


@functools.lru_cache(maxsize=256)
def _variables(definition: str) -> Mapping[str, Any]:
    found: Mapping[str, list[str]] = VariableReferencesStaticAnalyser.process_and_get(definition=definition)
    return {state: sorted(names) for state, names in found.items()}


def _wrong_expressions(value: Any, place: str) -> Iterator[tuple[str, str, str]]:  # noqa: ANN401 - JSON
    for expression, where in expressions.expressions_in(value, place):
        if problem := expressions.problem_of(expression):
            yield *problem, where


def _no_path(path: str) -> str | None:
    """Why a text is no path or intrinsic function; variables (`$x.y`) and the context (`$$.x`) are read as paths."""
    if path.startswith("States."):
        return _no_function(path)
    if not path.startswith("$"):
        return "It does not begin with $."
    rest = path[2:] if path.startswith("$$") else path[1:]
    try:
        json_path.parse(f"${rest}" if rest[:1] in {"", ".", "["} else f"$.{rest}")
    except Exception as error:  # noqa: BLE001 - the lexer raises what comes
        return str(error)
    return None


def _no_function(text: str) -> str | None:
    """Why a text is no intrinsic function; moto reads one as it stands in the JSON, escapes and all."""
    listener = SyntaxErrorListener()
    parser = ASLIntrinsicParser(CommonTokenStream(ASLIntrinsicLexer(InputStream(json.dumps(text)[1:-1]))))
    parser.removeErrorListeners()
    parser.addErrorListener(listener)
    parser.func_decl()
    return "; ".join(listener.errors) or None


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
