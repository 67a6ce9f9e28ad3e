"""Every rule of our own in one list."""

from collections.abc import Iterator
from typing import Final

from ml_rules import controls, decided, destinations, judgeable, refusals
from ml_rules.access import accounts, condition_values, conditions, grammar, identity, reach, rights, sharing
from ml_rules.apis import answers, callers, stages
from ml_rules.data import buckets, encryption, keys, state, stores
from ml_rules.messages import events, patterns, queues, receivers, sendings, timetables, triggers
from ml_rules.network import closed, perimeter, subnets
from ml_rules.programs import builds, functions, jobs, scripts, secrets, variables
from ml_rules.rule import Finding
from ml_rules.sagemaker import features, neighbours, studios
from ml_rules.serving import fleets, scaling
from ml_rules.templates import Templates
from ml_rules.watching import alarms, costs, measures, spending, thresholds
from ml_rules.workflows import attempts, definitions, efforts, flows, lineage

_SUBJECTS: Final = (
    *(identity, accounts, rights, sharing, conditions, condition_values, grammar, reach),
    *(state, encryption, buckets, stores, keys),
    *(closed, perimeter, subnets),
    *(events, patterns, sendings, timetables, triggers, queues, receivers),
    *(definitions, flows, attempts, lineage, efforts),
    *(jobs, functions, scripts, builds, variables, secrets),
    *(callers, answers, stages),
    *(fleets, scaling),
    *(alarms, measures, thresholds, spending, costs),
    *(studios, features, neighbours),
    *(judgeable, destinations, decided, refusals),
)
RULES: Final = tuple(rule for subject in _SUBJECTS for rule in subject.RULES)


_UNDECIDED: Final = {
    decided.decided: decided.find_undecided,
    rights.decided_action: rights.undecided_actions,
    rights.decided_service: rights.undecided_services,
    jobs.function_logged: jobs.unknown_group,
    destinations.known_destination: destinations.unknown_destinations,
}
"""What finds that nobody has decided something, by the rule that refuses it in templates of ours."""


def texts() -> dict[str, str]:
    """Return what each rule and control asks for, by its id."""
    return {rule.id: rule.text for rule in RULES} | {
        control.id: f"Security Hub's control {control.id}." for control in controls.CONTROLS
    }


def findings(templates: Templates) -> Iterator[Finding]:
    """Yield what breaks a rule or a control in `templates`, each once."""
    seen = set()
    worlds = list(templates.worlds())
    found = [finding for world in worlds for rule in RULES for finding in rule.findings(world)]
    for finding in [*found, *(each for world in worlds for each in controls.findings(world))]:
        key = (finding.rule, finding.resource.stack, finding.resource.logical_id, finding.message)
        if key not in seen:
            seen.add(key)
            yield finding


def find_undecided(templates: Templates) -> Iterator[Finding]:
    """Yield what nobody has judged in templates that are not ours: in ours it is a finding already."""
    seen = set()
    for world in templates.worlds():
        for rule, find in _UNDECIDED.items():
            for resource, message in find(world):
                key = (resource.stack, resource.logical_id, message)
                if not resource.environment.name and key not in seen:
                    seen.add(key)
                    yield Finding(rule.id, resource, message)
