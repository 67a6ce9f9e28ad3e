"""Functions: their asset is the folder of their capability, and nothing beside it."""

import shutil
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from ml_constructs.functions import function
from ml_constructs.functions.function import capability

HANDLERS = {
    "custom_resources": "cleanup.handler.on_bucket",
    "experiments": "experiments.handler.handler",
    "serving": "rollout.handler.on_event",
    "training": "run_validation.handler.handler",
}


def hashes(outdir: Path) -> dict[str, str]:
    """The asset's hash by capability."""
    stack = cdk.Stack(cdk.App(outdir=str(outdir)), "stack")
    for name, handler in HANDLERS.items():
        code = lambda_.Code.from_asset(str(capability(handler)), exclude=function.CACHES)
        lambda_.Function(stack, name, code=code, handler=handler, runtime=lambda_.Runtime.PYTHON_3_14)
    template = cdk.App.of(stack).synth().get_stack_by_name("stack").template  # type: ignore[union-attr] # it has one
    return {
        name: next(
            resource["Properties"]["Code"]["S3Key"]
            for resource in template["Resources"].values()
            if resource["Type"] == "AWS::Lambda::Function" and resource["Properties"]["Handler"] == handler
        )
        for name, handler in HANDLERS.items()
    }


def test_a_comment_changed_in_one_function_changes_the_asset_of_its_capability_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "lambda"
    shutil.copytree(function.SOURCE, source, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(function, "SOURCE", source)
    before = hashes(tmp_path / "before")
    with (source / "serving/rollout/state.py").open("a", encoding="utf-8") as file:
        file.write("# another comment\n")
    after = hashes(tmp_path / "after")
    assert {name for name in before if before[name] != after[name]} == {"serving"}


def test_every_function_is_in_one_capability() -> None:
    packages = [path.parent.name for path in function.SOURCE.glob("*/*/__init__.py")]
    assert len(packages) == len(set(packages)) > len(HANDLERS)
    assert {name: capability(handler).name for name, handler in HANDLERS.items()} == {name: name for name in HANDLERS}


def test_a_handler_that_is_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match=r"No folder of lambda/ has the package 'nothing' of the handler 'nothing\.h'"):
        capability("nothing.h")
