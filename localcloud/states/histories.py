"""How long the history of an execution may become."""

import threading
import weakref
from typing import Any, Final

from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager

MOST_EVENTS: Final = 25_000
"""Source: developer guide, quotas of state machine executions: of Standard ones; Express ones have no such quota."""
FULL: Final = {
    "error": "States.Runtime",
    "cause": f"The execution reached the maximum number of history events ({MOST_EVENTS}).",
}
"""What the last event then says, whatever is caught or retried. Source: floci-io/floci#2734, observed on AWS."""
_ENDS: Final = frozenset({"ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"})


class BoundedHistory(EventManager):  # type: ignore[misc] # moto has no types
    """The events of an execution: the one that fills it says that the execution failed."""

    full = False

    def __init__(self, env: Environment) -> None:
        super().__init__(env.cloud_watch_logging_session)
        self._adding = threading.Lock()
        self.follow(env)

    def follow(self, env: Environment) -> None:
        """Be the history of the execution of this state, which it does not keep."""
        self._cloud_watch_logging_session = env.cloud_watch_logging_session
        self._most = MOST_EVENTS if env.is_standard_workflow() else float("inf")
        self._env = weakref.ref(env)

    def add_event(self, context: Any, event_type: str, *details: Any, **named: Any) -> int:  # noqa: ANN401 - moto's
        """Add an event; one that has no place left is dropped, and the execution with all its branches has failed."""
        with self._adding:
            left = self._most - len(self._history_event_list)
            if not self.full and left > (event_type not in _ENDS):
                return int(super().add_event(context, event_type, *details, **named))
            if not self.full:
                self.full = True
                super().add_event(context, "ExecutionFailed", {"executionFailedEventDetails": dict(FULL)})
                if env := self._env():
                    env.set_error(dict(FULL))
        return MOST_EVENTS
