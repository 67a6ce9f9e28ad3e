"""Accepts the finding of a rule, for a reason, beside the resource that causes it."""

import re

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct

OWN = "Mdlc"
AWS_SOLUTIONS = "AwsSolutions"
PACKS = ("NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321", "Serverless")
"""Packs that share the names of their rules, so that one reason answers the same finding in all of them."""

SAME = {"APIGWAssociatedWithWAF": "APIG3", "SQSRedrivePolicy": "SQS3"}
"""What AwsSolutions calls some of those rules."""


def report_ids(rule: str) -> list[str]:
    """Return the ids by which the report knows `rule`, each with its pack.

    `S1` is a rule of AwsSolutions, `W3010` of CloudFormation, `LambdaDLQ` of whichever compliance packs have it, and
    `service_trust` of our own.
    """
    if re.fullmatch(r"[EWI]\d{4}", rule):
        return [f"CloudFormation-Validate::{rule}"]
    if re.fullmatch(r"[A-Z0-9]+\d", rule):
        return [f"{AWS_SOLUTIONS}::{AWS_SOLUTIONS}-{rule}"]
    if rule[0].isupper():
        same = [f"{AWS_SOLUTIONS}::{AWS_SOLUTIONS}-{SAME[rule]}"] if rule in SAME else []
        return same + [f"{pack}::{pack}-{rule}" for pack in PACKS]
    return [f"{OWN}::{rule.replace('_', '-')}"]


def acknowledge(construct: IConstruct, **reasons: str) -> None:
    """Accept findings in `construct` and below it; each keyword is a rule and says why in a sentence."""
    Validations.of(construct).acknowledge(
        *(Acknowledgment(id=id_, reason=reason) for rule, reason in reasons.items() for id_ in report_ids(rule))
    )
