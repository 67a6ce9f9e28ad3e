"""Lambda of MiniStack: functions run as subprocesses of this process's Python."""

from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc


def accept_public_layers() -> None:
    """Let functions name layers of other accounts: their packages come from this virtual environment."""
    original = lambda_svc._resolve_layer_version_for_attachment

    def resolve(layer_arn: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - passed through
        found, error = original(layer_arn, *args, **kwargs)
        if error and f":{lambda_svc.get_account_id()}:" not in layer_arn:
            return {"Content": {"CodeSize": 0}, "LayerVersionArn": layer_arn}, None
        return found, error

    lambda_svc._resolve_layer_version_for_attachment = resolve


def end_workers() -> None:
    """End the processes of all functions and remove their folders."""
    lambda_runtime.reset()
