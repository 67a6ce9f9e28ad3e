"""The quotas that the documents say the environments need are those of the templates."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mdlc.capacity import needs
from mdlc.cost.assembly import Stacks

DOCUMENT = Path(__file__).parents[2] / "docs" / "quotas.md"
ENVIRONMENTS = ("dev", "staging", "prod")

pytestmark = pytest.mark.slow  # every environment is synthesized


def rows(templates: Mapping[str, Any]) -> list[str]:
    """Return the table's rows: a quota, and how much of it each environment needs."""
    found: dict[str, dict[str, int]] = {}
    for environment in ENVIRONMENTS:
        own = {
            name.removeprefix(f"{environment}-"): template
            for name, template in templates.items()
            if name.startswith(f"{environment}-")
        }
        for need in needs(Stacks(environment, "eu-west-1", own)):
            found.setdefault(need.quota, {})[environment] = need.count
    return [
        f"| {quota} | {' | '.join(str(counts.get(each, '-')) for each in ENVIRONMENTS)} |"
        for quota, counts in sorted(found.items())
    ]


def test_the_table_of_the_documents_is_that_of_the_templates(templates: dict[str, dict[str, Any]]) -> None:
    written = [
        line
        for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
        if any(words in line for words in (" usage | ", "Apps running", "running builds", "| Concurrent executions"))
    ]
    assert written == rows(templates), "\n".join(rows(templates))
