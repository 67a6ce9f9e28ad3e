"""python -m localcloud.differences.page: write docs/differences.md, all that is known to differ from AWS."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from localcloud.differences import ministack_tests
from localcloud.differences.answers import DIFFERENCES
from localcloud.differences.behaviour import BEHAVIOUR
from localcloud.differences.recorded_answers import CALLER, COMMANDS, FAMILIES, LOAD, MEASURED, SOURCE, WHOLE
from localsagemaker.kernel.members import rows
from localsagemaker.kernel.requests import service_model
from localsagemaker.service import SageMaker

PAGE: Final = Path(__file__).parents[2] / "docs" / "differences.md"
_HEAD: Final = """\
# Where the local cloud differs from AWS
Written by `python -m localcloud.differences.page` from the tables of `localcloud/`. What stands on none of these lists
and acts otherwise than AWS is a fault: please report it.
"""


def page() -> str:
    """Return the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    yield "## What acts otherwise"
    yield from _table(("of", "here", "shown by"), ((each.part, each.here, _test(each.shown_by)) for each in BEHAVIOUR))
    yield "\n## Properties and types of templates"
    yield (
        "Every property is read back after it was deployed: [what is recorded only](recorded.md), with the reasons."
        " Types that nobody makes are refused before anything is created:"
        " [what is created, what is recorded](rehearse-your-app.md)."
    )
    yield "\n## Operations of SageMaker"
    yield from _operations()
    yield "\n## Members of SageMaker's requests"
    yield "What a request gives is acted on, but for these; a member that nobody has judged is refused by its name.\n"
    yield from _table(("what becomes of it", "why", "members"), _members())
    yield "\n## Documented answers"
    yield ("Answers that AWS documents are asked in `tests/localcloud/answers`; these are left as they are:\n")
    yield from _table(("why", "asked"), _answers())
    yield "\n## Recorded answers"
    yield (
        f"Tests with AWS's recorded answers ({SOURCE}), run on {MEASURED} on {LOAD} by {CALLER}. {WHOLE}"
        " Same is the same answer and end, in essence the words and events too. What measures is"
        f" {' and '.join(f'`{command}`' for command in COMMANDS)}:\n"
    )
    yield from _table(
        ("family", "run", "same", "in essence", "the rest"),
        ((each.name, str(each.run), str(each.same), str(each.essence), each.rest) for each in FAMILIES),
    )
    yield from _own_tests()


def _own_tests() -> Iterator[str]:
    """Yield what of MiniStack's own tests passes."""
    yield "\n## MiniStack's own tests"
    yield (
        f"Tests of {ministack_tests.SOURCE}, run on {ministack_tests.MEASURED} as `tests/ministack/plugin.py` says."
        " Where they fail the local cloud is stricter, but for what is named:\n"
    )
    yield from _table(
        ("service", "run", "passed", "the rest"),
        ((each.name, str(each.run), str(each.passed), each.rest) for each in ministack_tests.SERVICES),
    )


def _operations() -> Iterator[str]:
    service = SageMaker(None, None, Path())  # type: ignore[arg-type] # nothing is asked of it but its names
    every = service_model("sagemaker").operation_names
    refused = [
        name.removeprefix("Create") for name in every if name.startswith("Create") and name not in service.operations
    ]
    yield (
        f"{len(service.operations)} of {len(every)} operations are provided, every other one is refused by its name."
        " Nobody creates:"
    )
    yield ", ".join(refused) + "."


def _members() -> Iterator[tuple[str, str, str]]:
    """Yield the members that are refused, then those recorded only, by the reason, each with its operations."""
    by_reason: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows():
        if row.judgement.verdict != "acted":
            by_reason[row.judgement.verdict, row.judgement.reason][row.member].append(row.operation)
    for (verdict, reason), members in sorted(by_reason.items(), reverse=True):
        named = (f"`{member}` of {', '.join(operations)}" for member, operations in members.items())
        yield verdict, reason, "; ".join(named)


def _answers() -> Iterator[tuple[str, str]]:
    by_reason: dict[str, list[str]] = defaultdict(list)
    for asked, reason in DIFFERENCES.items():
        by_reason[reason].append(asked)
    yield from ((reason, "; ".join(asked)) for reason, asked in by_reason.items())


def _test(place: str | None) -> str:
    return f"`{place.rpartition('::')[2]}`" if place else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for cells in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
