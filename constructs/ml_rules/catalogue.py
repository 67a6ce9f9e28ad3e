"""Every rule of our own in one list."""

from collections.abc import Iterator
from typing import Final

from ml_rules import (
    accounts,
    apis,
    controls,
    encryption,
    events,
    identity,
    jobs,
    judgeable,
    network,
    scaling,
    serving,
    state,
)
from ml_rules.rule import Finding
from ml_rules.templates import Templates

_SUBJECTS: Final = (identity, accounts, state, encryption, events, serving, scaling, network, jobs, apis, judgeable)
RULES: Final = tuple(rule for subject in _SUBJECTS for rule in subject.RULES)


def texts() -> dict[str, str]:
    """Return what each rule and control asks for, by its id."""
    return {rule.id: rule.text for rule in RULES} | {
        control.id: f"Security Hub's control {control.id}." for control in controls.CONTROLS
    }


def findings(templates: Templates) -> Iterator[Finding]:
    """Yield what breaks a rule or a control in `templates`, each once."""
    seen = set()
    found = [finding for rule in RULES for finding in rule.findings(templates)]
    for finding in [*found, *controls.findings(templates)]:
        key = (finding.rule, finding.resource.stack, finding.resource.logical_id, finding.message)
        if key not in seen:
            seen.add(key)
            yield finding
