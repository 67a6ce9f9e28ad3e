"""The rules as plug-ins of the CDK, which runs them at every synthesis and refuses a template that breaks one."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

import cdk_nag
import jsii
from aws_cdk import (
    IPolicyValidationContext,
    IPolicyValidationPlugin,
    PolicyValidationPluginReport,
    PolicyViolatingResource,
    PolicyViolation,
)

from ml_constructs.foundation.acknowledgment import AWS_SOLUTIONS, OWN, PACKS
from ml_rules.catalogue import findings, texts
from ml_rules.templates import Target, Templates, read

NOT_ADOPTED: Final[Mapping[str, str]] = {
    "IAM5": "It asks for a sentence at every wildcard, also at one that ends a name. Our star-resource, "
    "wildcard-resource and wildcard-action refuse those that stand for an action, a service, a region, an account or a "
    "whole kind.",
    "IAMNoInlinePolicy": "A role serves one workload, and its policy must go with it: AWS advises an inline policy for "
    "that. Our role-of-its-own refuses a policy that two roles share.",
    "LambdaConcurrency": "A reservation takes from the account's 1,000 executions, or from the 10 of a new account, in "
    "which the deployment then fails. Our api-guarded demands a throttle where requests come in.",
}
"""Rules of the packs that a decision of the platform contradicts, and the rules of ours that stand in their place."""
OF_A_NETWORK: Final = frozenset({"LambdaInsideVPC"})
"""Rules of the packs that ask for a network, which is nothing to be asked of a sandbox."""

_NAG: Final[Mapping[str, Callable[[], cdk_nag.NagPack]]] = {
    AWS_SOLUTIONS: cdk_nag.AwsSolutionsChecks,
    **dict(
        zip(
            PACKS,
            (
                cdk_nag.NIST80053R5Checks,
                cdk_nag.HIPAASecurityChecks,
                cdk_nag.PCIDSS321Checks,
                cdk_nag.ServerlessChecks,
            ),
            strict=True,
        )
    ),
}


@jsii.implements(IPolicyValidationPlugin)
class RulePack:
    """One pack of cdk-nag, with findings known by their rule alone.

    cdk-nag names a finding of a policy `Rule[detail]`, and the detail holds logical ids that change with the code
    around them. Known by its rule, a finding is acknowledged once, beside the resource that causes it.
    """

    def __init__(self, name: str, environments: Iterable[Target]) -> None:
        self._name = name
        self._sandboxes = {environment.name for environment in environments if not environment.closed}
        self.left_out: Counter[str] = Counter()

    @property
    def name(self) -> str:
        """Prefix of every acknowledged id."""
        return self._name

    @property
    def version(self) -> None:
        """Unversioned."""

    @property
    def rule_ids(self) -> None:
        """Not reported."""

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Check the whole application; `left_out` counts findings of rules that are not adopted."""
        report = _NAG[self._name]().validate_scope(context.app_construct)
        self.left_out.clear()
        violations = []
        for violation in report.violations:
            rule, _, detail = violation.rule_name.partition("[")
            short = rule.removeprefix(f"{self._name}-")
            if short in NOT_ADOPTED:
                self.left_out[short] += len(violation.violating_resources)
                continue
            found = violation.violating_resources
            if short in OF_A_NETWORK:
                found = [each for each in found if str(each.construct_path).partition("/")[0] not in self._sandboxes]
            if found:
                violations.append(
                    PolicyViolation(
                        rule_name=rule,
                        description=f"{violation.description} {detail.removesuffix(']')}".rstrip(),
                        fix=violation.fix,
                        severity=violation.severity,
                        violating_resources=found,
                    )
                )
        return PolicyValidationPluginReport(success=not violations, violations=violations)


@jsii.implements(IPolicyValidationPlugin)
class OwnRules:
    """The rules of this package, over all templates of the application at once."""

    def __init__(self, environments: Sequence[Target]) -> None:
        self._environments = environments

    @property
    def name(self) -> str:
        """Prefix of every acknowledged id."""
        return OWN

    @property
    def version(self) -> None:
        """Unversioned."""

    @property
    def rule_ids(self) -> None:
        """Not reported."""

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Check the templates, which are written already."""
        files = {path.resolve(): str(path) for path in map(Path, context.template_paths)}
        templates, stacks = read(next(iter(files)).parents[1]) if files else ({}, {})
        known = texts()
        found = sorted(findings(Templates(templates, self._environments)), key=lambda f: (f.rule, f.message))
        violations = [
            PolicyViolation(
                rule_name=rule,
                description=f"{known[rule]} {message}",
                severity="error",
                violating_resources=[
                    PolicyViolatingResource(
                        resource_logical_id=finding.resource.logical_id,
                        template_path=files[stacks[finding.resource.stack].resolve()],
                        locations=[],
                    )
                    for finding in same
                ],
            )
            for (rule, message), same in groupby(found, key=lambda f: (f.rule, f.message))
        ]
        return PolicyValidationPluginReport(success=not violations, violations=violations)


def plugins(environments: Iterable[Target]) -> list[IPolicyValidationPlugin]:
    """Return every plug-in that guards an application of these environments."""
    judged = list(environments)
    return [*(RulePack(name, judged) for name in _NAG), OwnRules(judged)]
