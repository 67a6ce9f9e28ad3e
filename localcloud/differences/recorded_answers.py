"""How many of AWS's recorded answers the local cloud gives, by family, and what the rest is.

localstack/localstack has tests that were run against AWS, each with the answers that AWS gave. They ran against
`mdlc local up`, no member of an answer excused, and are counted here; nothing of them is kept. A row is made anew by
running the tests of its family against a cloud of this version.
"""

from dataclasses import dataclass
from typing import Final

SOURCE: Final = "localstack/localstack at 8b9a79f (March 2026, Apache-2.0)"
MEASURED: Final = "29 and 30 November 2026"
COMMANDS: Final = (
    "PYTEST_ADDOPTS='--dist loadfile' ORACLE_PATIENCE=30 oracle.sh . LOCALSTACK_GIT services",
    "PYTEST_ADDOPTS='--dist loadfile' ORACLE_PATIENCE=30 oracle.sh . LOCALSTACK_GIT sfn",
)
"""What measures: `LOCALSTACK_GIT` is a git directory of the source. A file of tests stays with one worker, as the first
test of REST APIs in each worker deletes those of the others."""
LOAD: Final = "two cores under a load of 2 to 17, on which some tests run out of their time"


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
    Family(
        "State machines, errors",
        28,
        28,
        25,
        "words of DynamoDB and of Lambda about a function that is absent",
    ),
    Family(
        "State machines, maps, parallel and other scenarios",
        165,
        162,
        155,
        "an address of an API without its scheme; a negative concurrency has another end",
    ),
    Family("State machines, callbacks and activities", 15, 15, 14, "words on an activity that was deleted"),
    Family(
        "State machines, time-outs",
        7,
        6,
        6,
        "an execution that timed out has an output",
    ),
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
        78,
        69,
        "words on enumerations, which are in another order",
    ),
    Family(
        "CloudFormation, templates",
        95,
        80,
        79,
        "a macro that fails refuses the request where AWS takes the stack back, attributes such as "
        "DeletionPolicy take no functions without the language extensions, events tell no name of what is"
        " not there yet, and what was replaced goes without events",
    ),
    Family(
        "DynamoDB",
        38,
        34,
        33,
        "statuses of encryption that is on its way, iterators and Kinesis destinations are otherwise",
    ),
    Family("EventBridge, input transformers", 28, 25, 25, "three have no recorded answer"),
    Family(
        "EventBridge, patterns",
        170,
        167,
        130,
        "wildcards are not counted, and two nested patterns match otherwise",
    ),
    Family(
        "Lambda, DynamoDB streams as sources",
        30,
        27,
        27,
        "two wait longer than they were given, one gets a batch less",
    ),
    Family("Lambda, Kinesis streams as sources", 28, 23, 23, "records without data, and tests that wait for a minute"),
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
        83,
        82,
        "under a key of KMS the ETag is a random one, a part of an object that is the whole tells no checksum, and"
        " buckets are made with tags whatever these are",
    ),
    Family(
        "S3, lists",
        37,
        22,
        21,
        "nine ask for a name that only its own emulator has; tokens of lists of buckets are their names, and"
        " attributes of objects tell no checksums of parts",
    ),
    Family(
        "Secrets Manager",
        55,
        41,
        40,
        "requests without a token are taken, a function's reading leaves no date, filters of lists; two need"
        " a second account",
    ),
    Family(
        "SNS, topics and messages",
        165,
        91,
        86,
        "messages to telephones and apps (38) and to Firehose, real signatures; the caller is the root "
        "user where AWS recorded a user (17)",
    ),
    Family(
        "SNS, filter policies",
        23,
        17,
        11,
        "the caller is the root user where AWS recorded a user",
    ),
    Family("SQS", 323, 295, 288, "queues have one address for all regions, and requests by GET are taken"),
    Family("Systems Manager, parameters", 11, 10, 10, "there are no maintenance windows"),
)
