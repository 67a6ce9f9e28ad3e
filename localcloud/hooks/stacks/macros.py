"""Macros of MiniStack's CloudFormation: functions that change templates before anything is made of them.

Sources: user guide of CloudFormation, "Perform custom processing on CloudFormation templates with template macros", of
what a function gets and answers; template reference, "AWS::CloudFormation::Macro".
"""

import json
import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final

from ministack.core import concurrency, responses
from ministack.services import cloudformation as ministack
from ministack.services import lambda_svc
from ministack.services.cloudformation import engine

from localcloud.hooks.callers import identity
from localcloud.hooks.stacks import cloudformation
from localcloud.template import macros
from localcloud.template.checks import TemplateError

MACRO: Final = "AWS::CloudFormation::Macro"
EXPANDING: Final = frozenset(
    {"CreateChangeSet", "CreateStack", "GetTemplateSummary", "UpdateStack", "ValidateTemplate"}
)
"""What may call the functions of macros, and so has to leave the server free."""
_functions: dict[tuple[str, str, str], str] = {}
"""The function of each macro, by account, region and name."""


class MacroType:
    """A macro: a name for a function; its name cannot change."""

    def create(self, logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        """Keep the macro."""
        del logical_id, stack
        _functions[*identity.request_scope(), properties["Name"]] = properties["FunctionName"]
        return str(properties["Name"]), {}

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Call another function from now on."""
        del old, physical_id
        return self.create(logical_id, new, stack)

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Forget the macro."""
        del properties
        _functions.pop((*identity.request_scope(), physical_id), None)


class _NotExpandedError(BaseException):
    """A template whose macros have to be called first: no handler may take it for an error of the template."""

    def __init__(self, template: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        super().__init__()
        self.template, self.values = template, values

    @property
    def key(self) -> str:
        """Return what the expansion depends on."""
        return json.dumps([self.template, self.values], default=str, sort_keys=True)

    def expanded(self) -> Any:  # noqa: ANN401 - MiniStack's
        """Call the macros; what they refuse travels with the template, as MiniStack has it."""
        try:
            return macros.expand(self.template, self.values, _Calling(self.values).call)
        except TemplateError as error:
            return engine._TransformFailed(self.template, str(error))


_expanded: ContextVar[dict[str, Any]] = ContextVar("expanded")
"""Templates that were expanded for the request that is served: it begins anew when their functions have answered."""


def expand() -> None:
    """Make macros, and expand those of templates before AWS's own transforms.

    A function may call this server, so it runs beside it.
    """
    cloudformation.register(MACRO, MacroType(), ("Name",))
    apply, handle = engine._apply_transforms, ministack.handle_request

    def applied(template: Any, provided: Any = None, previous: Any = None) -> Any:  # noqa: ANN401 - MiniStack's
        if macros.names_macros(template):
            waiting = _NotExpandedError(template, engine._transform_parameters(template, provided, previous))
            known = _expanded.get({})
            if waiting.key not in known:
                raise waiting
            template = known[waiting.key]
        return template if isinstance(template, engine._TransformFailed) else apply(template, provided, previous)

    async def handled(*request: Any) -> Any:  # noqa: ANN401 - MiniStack's
        known: dict[str, Any] = {}
        _expanded.set(known)
        while True:
            try:
                return await handle(*request)
            except _NotExpandedError as waiting:
                known[waiting.key] = await concurrency.run_reentrant(waiting.expanded)

    cloudformation.replace("_apply_transforms", applied)
    ministack.handle_request = handled


class _Calling:
    """Calls of macros for one template, with the values of its parameters."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def call(self, name: str, fragment: Any, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
        """Return what becomes of a fragment. Raises `TemplateError` with what CloudFormation says."""
        account, region = identity.request_scope()
        macro = f"{account}::{name}"
        function = _functions.get((account, region, name))
        if function is None:
            raise TemplateError(f"No transform named {macro} found.")
        request = {
            "region": region,
            "accountId": account,
            "fragment": fragment,
            "transformId": macro,
            "params": parameters,
            "requestId": str(uuid.uuid4()),
            "templateParameterValues": dict(self._values),
        }
        answer = _invoked(function, request)
        if not isinstance(answer, Mapping) or answer.get("requestId") != request["requestId"] or "status" not in answer:
            raise TemplateError(f"Received malformed response from transform {macro}")
        if str(answer["status"]).lower() == "success":
            return answer.get("fragment")
        said = answer.get("errorMessage")
        raise TemplateError(f"Transform {macro} failed {f'with: {said}' if said else 'without an error message.'}")


def _invoked(function: str, event: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    """Return what a function answers; nothing where it is not there or fails."""
    account, region = responses.get_account_id(), responses.get_region()
    record, config, _ = lambda_svc._get_func_record_for_ref_in_scope(function, account_id=account, region=region)
    if record is None or config is None:
        return None
    made = lambda_svc._execution_record_for_config(record, config)
    result = lambda_svc._execute_function_with_config_scope(made, dict(event))
    return None if result.get("error") else result.get("body")
