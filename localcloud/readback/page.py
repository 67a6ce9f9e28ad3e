"""python -m localcloud.readback.page: write docs/recorded.md, the list of what the local cloud records only."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from localcloud.readback.readers import READERS
from localcloud.readback.recorded import CUSTOM, RECORDED, TYPES

PAGE: Final = Path(__file__).parents[2] / "docs" / "recorded.md"
_HEAD: Final = """\
# What the local cloud records only
Written by `python -m localcloud.readback.page` from `localcloud/readback/recorded.py`, the table that deployments are
held against. After CloudFormation has made or changed a resource, the local cloud reads every property of the template
back through the service's own API. It is *applied* when the service answers the same, and *recorded only* when it is
named here: most are kept and read back too, but nothing on this machine acts on them. Everything else fails the
deployment of the resource, and so does a type that nobody reads back. `mdlc local report` says what became of each
property, `mdlc local check FOLDER` what awaits other templates.
"""


def page() -> str:
    """Return the page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    yield "## Properties"
    yield "| type | property | why |"
    yield "|---|---|---|"
    for name in sorted(RECORDED):
        for place, reason in sorted(RECORDED[name].items()):
            yield f"| {name} | `{place.removeprefix('/')}` | {reason} |"
    yield "\n## Whole types"
    yield "| type | why |"
    yield "|---|---|"
    yield f"| Custom::…, AWS::CloudFormation::CustomResource | {CUSTOM} |"
    for name in sorted(TYPES):
        yield f"| {name} | {TYPES[name]} |"
    yield "\n## Types that are read back"
    yield ", ".join(f"{name.removeprefix('AWS::')}" for name in sorted(READERS)) + "."


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
