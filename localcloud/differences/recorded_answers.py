"""How many of AWS's recorded answers the local cloud gives, by family, and what the rest is.

localstack/localstack has tests that were run against AWS, each with the answers that AWS gave. They ran against
`mdlc local up`, no member of an answer excused, and are counted here; nothing of them is kept. A row is made anew by
running the tests of its family against a cloud of this version.
"""

from dataclasses import dataclass
from typing import Final

SOURCE: Final = "localstack/localstack at 8b9a79f (March 2026, Apache-2.0)"
MEASURED: Final = "29 November 2026"


@dataclass(frozen=True)
class Family:
    """Tests of a kind: how many ran, gave the same answer or end, and words and events too; what the rest is."""

    name: str
    run: int
    same: int
    essence: int
    rest: str


FAMILIES: Final = (
    Family("State machines, JSONPath and waits", 55, 55, 54, "headers of HTTP in an answer of Lambda"),
    Family("State machines, choices", 37, 37, 37, ""),
    Family("State machines, intrinsic functions", 30, 30, 30, ""),
    Family(
        "State machines, JSONata and outputs",
        45,
        45,
        40,
        "headers of HTTP in an answer of Lambda, words on what is undefined",
    ),
    Family(
        "State machines, variables",
        34,
        34,
        30,
        "headers of HTTP in an answer of Lambda, words on what is undefined",
    ),
    Family("State machines, errors", 28, 28, 25, "words of DynamoDB and of Lambda about a function that is absent"),
    Family(
        "State machines, maps, parallel and other scenarios",
        165,
        162,
        155,
        "an address of an API without its scheme; a negative concurrency has another end",
    ),
    Family("State machines, callbacks and activities", 15, 15, 14, "words on an activity that was deleted"),
    Family("State machines, time-outs", 7, 6, 6, "an execution that timed out has an output"),
    Family(
        "State machines, integrations",
        72,
        62,
        33,
        "lengths of requests to APIs, logs of functions, and words of errors",
    ),
    Family(
        "Step Functions, the API",
        280,
        275,
        182,
        "words on names of maps that are refused (89), durations that are billed",
    ),
    Family(
        "API Gateway, REST APIs",
        78,
        22,
        16,
        "responses of gateways, methods and integrations cannot be updated, VPC links and test invocations "
        "are not there, members that are empty are told, and what is absent is not found where AWS says that "
        "the request is bad",
    ),
    Family(
        "CloudFormation, templates",
        95,
        68,
        66,
        "macros are refused by name (15); a stack does not tell its change set, events tell no name of what "
        "is not there yet, and what was replaced goes without events",
    ),
    Family(
        "DynamoDB",
        38,
        28,
        27,
        "an empty stream has no first number, iterators and Kinesis destinations are otherwise, and an empty "
        "list of parameters is taken",
    ),
    Family("EventBridge, input transformers", 28, 25, 25, "three have no recorded answer"),
    Family(
        "EventBridge, patterns",
        170,
        164,
        127,
        "wildcards are not counted, two nested patterns match otherwise, and events that are no object have "
        "another code",
    ),
    Family(
        "Lambda, DynamoDB streams as sources",
        30,
        27,
        27,
        "two wait longer than they were given, one gets a batch less",
    ),
    Family(
        "Lambda, Kinesis streams as sources",
        28,
        23,
        23,
        "records without data, and tests that wait for a minute",
    ),
    Family(
        "Lambda, queues as sources",
        31,
        29,
        29,
        "groups of a FIFO queue are processed one after the other, and batches are otherwise large",
    ),
    Family("S3, conditions of copies", 3, 3, 3, ""),
    Family(
        "S3, buckets and objects",
        89,
        70,
        69,
        "metrics configurations are not there (8); under a key of KMS the ETag is still the MD5, ids of "
        "versions are UUIDs, and unknown versions are deleted without a word",
    ),
    Family(
        "S3, lists",
        37,
        18,
        17,
        "nine ask for a name that only its own emulator has; markers of versions and uploads, checksums of "
        "parts, tokens of lists of buckets",
    ),
    Family(
        "Secrets Manager",
        55,
        35,
        34,
        "requests without a token are taken, versions without a label are removed, a function's reading "
        "leaves no date, filters of lists; two need a second account",
    ),
    Family(
        "SNS, topics and messages",
        165,
        90,
        85,
        "messages to telephones and apps (38) and to Firehose, real signatures; the caller is the root user "
        "where AWS recorded a user (17)",
    ),
    Family("SNS, filter policies", 23, 17, 11, "the caller is the root user where AWS recorded a user"),
    Family(
        "SQS",
        323,
        284,
        277,
        "a deleted queue can be made again, and one purged twice, without a wait of 60 s; queues have one "
        "address for all regions, and requests by GET are taken",
    ),
    Family(
        "Systems Manager, parameters",
        11,
        4,
        4,
        "secrets are not read as parameters, names are not checked, and there are no maintenance windows",
    ),
)
