"""The security rules that every template must satisfy."""

import jsii
from aws_cdk import (
    Acknowledgment,
    IPolicyValidationContext,
    IPolicyValidationPlugin,
    PolicyValidationPluginReport,
    PolicyViolation,
    Validations,
)
from cdk_nag import AwsSolutionsChecks
from constructs import IConstruct


@jsii.implements(IPolicyValidationPlugin)
class SecurityRules:
    """The AwsSolutions rules, with findings known by their rule alone.

    cdk-nag names a finding of a policy `Rule[detail]`, and the detail holds logical ids that change with the code
    around them. Known by its rule, a finding is acknowledged once, beside the resource that causes it.
    """

    @property
    def name(self) -> str:
        """Prefix of every acknowledged id."""
        return "AwsSolutions"

    @property
    def version(self) -> None:
        """Unversioned."""

    @property
    def rule_ids(self) -> None:
        """Not reported."""

    def validate(self, context: IPolicyValidationContext) -> PolicyValidationPluginReport:
        """Check the whole application."""
        report = AwsSolutionsChecks().validate_scope(context.app_construct)
        violations = []
        for violation in report.violations:
            rule, _, detail = violation.rule_name.partition("[")
            violations.append(
                PolicyViolation(
                    rule_name=rule,
                    description=f"{violation.description} {detail.removesuffix(']')}".rstrip(),
                    fix=violation.fix,
                    severity=violation.severity,
                    violating_resources=violation.violating_resources,
                )
            )
        return PolicyValidationPluginReport(success=report.success, violations=violations)


def acknowledge(construct: IConstruct, **reasons: str) -> None:
    """Accept AwsSolutions findings in `construct` and below it; each keyword is a rule (`IAM5`) and says why."""
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=f"AwsSolutions::AwsSolutions-{rule}", reason=reason) for rule, reason in reasons.items())
    )
