"""How many of AWS's recorded answers the local cloud gives, by family, and what the rest is.

localstack/localstack has tests that were run against AWS, each with the answers that AWS gave. They ran against
`mdlc local up`, no member of an answer excused, and are counted here; nothing of them is kept. A row is made anew by
running the tests of its family against a cloud of this version.
"""

from dataclasses import dataclass
from typing import Final

SOURCE: Final = "localstack/localstack at 8b9a79f (March 2026, Apache-2.0)"
MEASURED: Final = "29 and 30 November 2026"
CALLER: Final = "a user of the account who may do everything, as AWS recorded one"
COMMANDS: Final = (
    "PYTEST_ADDOPTS='--dist loadfile' ORACLE_PATIENCE=30 oracle.sh . LOCALSTACK_GIT services",
    "PYTEST_ADDOPTS='--dist loadfile' ORACLE_PATIENCE=30 oracle.sh . LOCALSTACK_GIT sfn",
)
"""What measures: `LOCALSTACK_GIT` is a git directory of the source. A file of tests stays with one worker, as the first
test of REST APIs in each worker deletes those of the others."""
LOAD: Final = "two cores under a load of 2 to 17"
WHOLE: Final = (
    "All services ran once as a whole on one state of the code: 1,055 of 1,204 the same; what was mended since then"
    " ran again."
)
"""Of the families that are no state machines: what a single run gave."""


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
        270,
        268,
        176,
        "words on names of maps that are refused (89), and a log group that was deleted is not missed",
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
        81,
        80,
        "a macro that fails refuses the request where AWS takes the stack back (4), attributes such as"
        " DeletionPolicy take no functions without the language extensions (4), tags that CloudFormation gives"
        " are told of queues, an event is told without the id of what is being made, and one test names its"
        " own emulator's host",
    ),
    Family(
        "DynamoDB",
        38,
        34,
        33,
        "statuses of encryption that is on its way, iterators, Kinesis destinations and contributor insights"
        " are otherwise",
    ),
    Family("EventBridge, input transformers", 28, 25, 25, "three have no recorded answer"),
    Family(
        "EventBridge, patterns",
        170,
        169,
        132,
        "a pattern with many wildcards is not refused as too complex",
    ),
    Family(
        "Lambda, DynamoDB streams as sources",
        30,
        29,
        29,
        "how often a record is tried depends on how records fall into batches",
    ),
    Family(
        "Lambda, Kinesis streams as sources",
        28,
        24,
        24,
        "records are too old after a minute, which tests wait for, and are tried more often in it",
    ),
    Family(
        "Lambda, queues as sources",
        31,
        29,
        29,
        "groups of a FIFO queue are processed one after the other by processes of their own, and batches are"
        " otherwise large",
    ),
    Family("S3, conditions of copies", 3, 3, 3, ""),
    Family(
        "S3, buckets and objects",
        89,
        85,
        84,
        "under a key of KMS the ETag is a random one (2), a part of an object that is the whole tells no"
        " checksum, and tags of an absent object name it without its bucket",
    ),
    Family(
        "S3, lists",
        37,
        24,
        23,
        "nine ask for a name that only its own emulator has; tokens of lists of buckets are their names (3),"
        " and attributes of objects tell no checksums of parts",
    ),
    Family(
        "Secrets Manager",
        55,
        42,
        41,
        "requests without a token are taken (4), a rotation's reading leaves no date (3), filters of lists"
        " know prefixes alone; two need a second account",
    ),
    Family(
        "SNS, topics and messages",
        165,
        111,
        106,
        "messages to telephones and apps (34) and to Firehose, logs of deliveries, data protection, real"
        " signatures (3), and unsubscribing unsigned; tests of HTTP confirm another topic's token, or want"
        " ARNs before the confirmation, against AWS's other answers",
    ),
    Family(
        "SNS, filter policies",
        23,
        23,
        16,
        "words on where in a policy AWS stumbled",
    ),
    Family(
        "SQS",
        323,
        299,
        292,
        "queues have one address for all regions (8), requests by GET are taken and answered in XML alone"
        " (10), retention below AWS's least is its own emulator's (3), and a FIFO queue that becomes one of"
        " high throughput takes duplicates of other groups",
    ),
    Family("Systems Manager, parameters", 11, 10, 10, "there are no maintenance windows"),
)
