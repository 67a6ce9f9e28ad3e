"""How many of MiniStack's own tests the local cloud passes, by service, and why the rest fail.

They ran as `tests/ministack/plugin.py` says, one service after the other. Tests that look into MiniStack's process, and
those whose helpers are in a newer conftest than the repository's, are not counted. What they found and was a fault of
ours has a test of its own; what is left fails on purpose.
"""

from dataclasses import dataclass
from typing import Final

SOURCE: Final = "MiniStack 1.5.33"
MEASURED: Final = "29 and 30 November 2026"
UNSIGNED: Final = "requests without a right signature, and MiniStack's own routes, are refused"


@dataclass(frozen=True)
class OwnTests:
    """Tests of a service: how many ran and passed; why the rest fail."""

    name: str
    run: int
    passed: int
    rest: str


SERVICES: Final = (
    OwnTests(
        "API Gateway, HTTP and WebSocket", 185, 168, f"{UNSIGNED}; a route with IAM or a pool takes no forged token"
    ),
    OwnTests("API Gateway, REST", 188, 176, f"{UNSIGNED}; a custom domain is no name of this machine"),
    OwnTests(
        "CloudWatch",
        75,
        50,
        f"{UNSIGNED}; since then a state that is set stays until the next evaluation, which three of them ask",
    ),
    OwnTests("CloudWatch Logs", 146, 136, "ARNs that end in :*, events out of order, and words of the model's checks"),
    OwnTests(
        "Cognito",
        558,
        483,
        "flows that a client does not allow, mail, SAML and other issuers, whose assertions nobody verifies;"
        f" {UNSIGNED}",
    ),
    OwnTests("DynamoDB", 346, 309, f"{UNSIGNED}; a table is CREATING at first, and reserved words are refused"),
    OwnTests("ECR", 42, 31, "the image registry takes the cloud's secret"),
    OwnTests(
        "EventBridge",
        252,
        236,
        "more than five targets, schedules on other buses, input transformers as AWS recorded them, and words of the"
        " model's checks",
    ),
    OwnTests("Glue", 142, 135, "roles that are not there"),
    OwnTests("IAM", 132, 108, "policies that AWS refuses, and ids and roles that are not there"),
    OwnTests("Kinesis", 75, 67, f"roles of functions that are not there; {UNSIGNED}"),
    OwnTests("KMS", 188, 184, "policies that AWS refuses, and an empty message"),
    OwnTests("Pipes", 30, 30, ""),
    OwnTests(
        "S3, the first seven tenths",
        639,
        544,
        f"{UNSIGNED}; public access that new buckets block, parts below 5 MB, keys that are not there, and hosts of"
        " access points",
    ),
    OwnTests("Scheduler", 60, 59, "schedule groups in templates are refused by name"),
    OwnTests("Secrets Manager", 61, 55, "keys that are not there, and labels without a version"),
    OwnTests("SNS", 107, 86, f"codes of errors as AWS recorded them; roles that are not there; {UNSIGNED}"),
    OwnTests("SQS", 177, 157, f"{UNSIGNED}; foreign hosts, and names that AWS refuses"),
    OwnTests("STS", 126, 108, f"{UNSIGNED}; roles that do not trust the caller"),
    OwnTests("Systems Manager", 61, 59, "a key and a right that are not there"),
)
