"""python -m checks.rehearsal: write the tables of docs/rehearse-your-app.md from what the local cloud itself holds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from localcloud.cloudformation.code_artifact import NAMES
from localcloud.cloudformation.recorded import RECORDED
from localcloud.door import OPEN
from localcloud.hooks.stacks import cloudformation
from localcloud.readback.readers import READERS
from localcloud.readback.recorded import TYPES
from localsagemaker.feature_store import kinds as feature_store
from localsagemaker.hosting import kinds as hosting
from localsagemaker.kernel.kinds import Kind
from localsagemaker.mlflow import kinds as mlflow
from localsagemaker.pipelines import kinds as pipelines
from localsagemaker.registry import kinds as registry
from localsagemaker.studio import kinds as studio

PAGE: Final = Path(__file__).parents[1] / "docs" / "rehearse-your-app.md"
BEGIN: Final = "<!-- {name}: python -m checks.rehearsal -->"
END: Final = "<!-- /{name} -->"
_OWN: Final = ("AWS::ApplicationAutoScaling::ScalableTarget", "AWS::ApplicationAutoScaling::ScalingPolicy")


def tables() -> Mapping[str, str]:
    """Return the page's tables by name."""
    return {
        "recorded": _table(("why nothing acts on it", "types"), _recorded_types()),
        "created": _table(("service", "types"), _created_types()),
        "open": _table(("what comes in unsigned", "why AWS leaves it open"), [(way.what, way.why) for way in OPEN]),
    }


def page(text: str) -> str:
    """Return the page with its tables as they are now."""
    for name, table in tables().items():
        begin, end = BEGIN.format(name=name), END.format(name=name)
        before, rest = text.split(begin)
        text = before + begin + "\n" + table + "\n" + end + rest.split(end)[1]
    return text


def _recorded_types() -> Iterator[tuple[str, str]]:
    by_reason: dict[str, list[str]] = defaultdict(list)
    for name, reason in {**TYPES, **RECORDED}.items():
        if not _is_of_cloudformation(name):
            by_reason[reason].append(name)
    yield from ((reason, _enumerate(names)) for reason, names in by_reason.items())


def _created_types() -> Iterator[tuple[str, str]]:
    by_service: dict[str, list[str]] = defaultdict(list)
    for name in sorted({*cloudformation.types(), *_sagemaker(), *_OWN, *READERS} - {*RECORDED, *NAMES}):
        if name.count("::") > 1 and (name in READERS or _is_of_cloudformation(name)):
            by_service[name.split("::")[1]].append(name.rsplit("::", 1)[1])
    yield from ((service, ", ".join(names)) for service, names in by_service.items())


def _is_of_cloudformation(name: str) -> bool:
    """Return whether a type is a part of CloudFormation itself, such as a nested stack or a wait."""
    return name.startswith("AWS::CloudFormation::")


def _sagemaker() -> Iterator[str]:
    """Types of the SageMaker kinds that CloudFormation makes."""
    for module in (feature_store, hosting, mlflow, pipelines, registry, studio):
        for value in vars(module).values():
            kinds = value if isinstance(value, tuple) else (value,)
            yield from (f"AWS::SageMaker::{kind.name}" for kind in kinds if isinstance(kind, Kind) and kind.template)


def _enumerate(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
