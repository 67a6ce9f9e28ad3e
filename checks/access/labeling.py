"""Labeling jobs: what could be done to them, to their tasks and files, and who may."""

from collections.abc import Iterator, Sequence

from checks.access.operation import OBJECTS, Operation
from checks.access.policies import Environment as Policies
from checks.access.rights import ENCRYPT, FUNCTION, READ, SEEN, TABLE
from checks.access.trained import Trained
from checks.access.workload import Workload, workload
from ml_constructs.labeling.task_store import INDEXES
from stacks.labeling_settings import Labeling

LIST_ANSWERS = "list what people answer"
TASKS = "arn:aws:s3:::{data}/labeling-tasks/birds/0/ada/draft.json"
ONE_BY_ONE = {
    "read a task": "GetItem",
    "read tasks": "BatchGetItem",
    "write tasks": "PutItem",
    "change tasks": "UpdateItem",
    "look at a task while others are written": "ConditionCheckItem",
    "delete tasks": "DeleteItem",
    "write many tasks": "BatchWriteItem",
    "scan tasks": "Scan",
    "find tasks": "Query",
    "delete the table of tasks": "DeleteTable",
    "change the table of tasks": "UpdateTable",
    "ask for tasks in PartiQL": "PartiQLSelect",
}
TOLD = {
    "see the stream of tasks": "DescribeStream",
    "read the stream of tasks": "GetRecords",
    "find a place in the stream of tasks": "GetShardIterator",
}


STREAMS = {
    "send objects to a stream": ("sns:Publish", "{stream_input}"),
    "send labels to a stream": ("sns:Publish", "{stream_output}"),
    "be sent what comes by a stream": ("sns:Subscribe", "{stream_input}"),
    "be sent the labels of a stream": ("sns:Subscribe", "{stream_output}"),
    "change who may send to a stream": ("sns:SetTopicAttributes", "{stream_input}"),
    "delete a stream": ("sns:DeleteTopic", "{stream_input}"),
    "take what comes by streams": ("sqs:ReceiveMessage", "{stream_queue}"),
    "end what comes by streams": ("sqs:DeleteMessage", "{stream_queue}"),
    "see the queue of streams": ("sqs:GetQueueAttributes", "{stream_queue}"),
    "put something into the queue of streams": ("sqs:SendMessage", "{stream_queue}"),
    "empty the queue of streams": ("sqs:PurgeQueue", "{stream_queue}"),
    "send to the dead-letter queue of streams": ("sqs:SendMessage", "{stream_letters}"),
    "take dead letters of streams": ("sqs:ReceiveMessage", "{stream_letters}"),
    "empty the dead-letter queue of streams": ("sqs:PurgeQueue", "{stream_letters}"),
    "call the function that does arrivals": ("lambda:InvokeFunction", "{labeling_arrivals}"),
}
FED = {"take what comes by streams", "end what comes by streams", "see the queue of streams"}


def operations(labeling: Labeling, systems: Sequence[Trained]) -> Iterator[Operation]:
    """Yield what could be done to labeling jobs, and by them."""
    yield Operation("call the labeling service", "lambda:InvokeFunction", "{labeling_jobs}")
    for part in ("prepare", "finish", "sweep"):
        yield Operation(f"call the function that does {part}", "lambda:InvokeFunction", f"{{labeling_{part}}}")
    for name, action in ONE_BY_ONE.items():
        yield Operation(name, f"dynamodb:{action}", "{labeling_table}")
    for index in INDEXES:
        yield Operation(f"find tasks by {index}", "dynamodb:Query", f"{{labeling_table}}/index/{index}")
    for name, action in TOLD.items():
        yield Operation(name, f"dynamodb:{action}", "{labeling_table}/stream/2026-01-01T00:00:00.000")
    for verb, action in {**OBJECTS, "delete": "s3:DeleteObject"}.items():
        yield Operation(f"{verb} what people answer", action, TASKS)
    listed = {"s3:prefix": "labeling-tasks/birds/"}
    yield Operation(LIST_ANSWERS, "s3:ListBucket", "arn:aws:s3:::{data}", listed)
    yield Operation("send to the dead-letter queue of labeling", "sqs:SendMessage", "{labeling_letters}")
    yield from (Operation(name, *what) for name, what in (STREAMS if labeling.streams else {}).items())
    for arn in labeling.functions:
        yield Operation(f"call the user's function {_name(arn)}", "lambda:InvokeFunction", arn)
    for folder in labeling.inputs:
        if (name := _reading(folder, systems)) not in {_publication(system) for system in systems}:
            yield Operation(name, "s3:GetObject", f"arn:aws:s3:::{{data}}/{folder}/v1/a.jpg")
    other = "arn:aws:lambda:{region}:{account}:function:that-nobody-lists"
    yield Operation("call a function that nobody lists", "lambda:InvokeFunction", other)


def names(labeling: Labeling, policies: Policies) -> dict[str, str]:
    """Return the names and ARNs that the operations name."""
    streams = _names_of_streams(labeling.streams[0], policies) if labeling.streams else {}
    functions = {
        f"labeling_{part}": policies.arn("labeling", "AWS::Lambda::Function", f"Service{part.title()}")
        for part in ("jobs", "prepare", "finish", "sweep")
    }
    return (
        functions
        | streams
        | {
            "labeling_table": policies.arn("labeling", "AWS::DynamoDB::Table"),
            "labeling_letters": policies.arn("labeling", "AWS::SQS::Queue", "ServiceDeadLetters"),
        }
    )


def _names_of_streams(name: str, policies: Policies) -> dict[str, str]:
    queues = {
        "stream_letters": policies.arn("labeling", "AWS::SQS::Queue", "StreamsDeadLetters"),
        "stream_queue": policies.arn("labeling", "AWS::SQS::Queue", "StreamsQueue"),
        "labeling_arrivals": policies.arn("labeling", "AWS::Lambda::Function", "StreamsArrivals"),
    }
    topic = f"Streams{name.title().replace('-', '')}"
    ways = ("Input", "Output")
    return queues | {
        f"stream_{way.lower()}": policies.arn("labeling", "AWS::SNS::Topic", f"{topic}{way}") for way in ways
    }


def acts_on_tasks() -> set[str]:
    """Return what everybody may do who acts on tasks."""
    tasks = {"read a task", "read tasks", "write tasks", "change tasks", "find tasks"}
    tasks |= {f"find tasks by {index}" for index in INDEXES} | {"read what people answer", LIST_ANSWERS}
    return tasks | READ | TABLE


def keeps() -> set[str]:
    """Return what everybody may do who writes down what is too large for an item."""
    return {"write what people answer"} | ENCRYPT


def reads_of(labeling: Labeling, systems: Sequence[Trained]) -> set[str]:
    """Return what everybody may read who reads what jobs name."""
    reads = {_reading(folder, systems) for folder in labeling.inputs}
    return reads | {"read the data that is to be labeled"}


def workloads(labeling: Labeling, systems: Sequence[Trained]) -> Iterator[Workload]:
    """Yield the rows of the functions: all act on tasks; some keep what is large, and call users' functions."""
    acts = acts_on_tasks() | FUNCTION | SEEN | {"send to the dead-letter queue of labeling"}
    reads = reads_of(labeling, systems)
    users = {f"call the user's function {_name(arn)}" for arn in labeling.functions}
    yield workload("labeling", "Creates, describes, lists and stops labeling jobs", acts, keeps(), reads, inside=True)
    prepares = users | keeps() | set(TOLD)
    yield workload("labeling", "Makes tasks of the objects of labeling jobs", acts, prepares, inside=True)
    ends = {"write the data that is to be labeled"} | keeps()
    ends |= {"tell of the ends of labeling jobs"} if labeling.tells_ends else set()
    if labeling.streams:
        ends |= {"send labels to a stream"}
        takes = FED | users | keeps() | {"look at a task while others are written"}
        takes |= {"send to the dead-letter queue of streams"}
        acts_by_itself = acts_on_tasks() | FUNCTION | SEEN
        takes_in = "Takes in objects of streaming labeling jobs"
        yield workload("labeling", takes_in, acts_by_itself, takes, reads, inside=True)
    yield workload("labeling", "Carries labeling jobs on, and ends them", acts, users, ends, set(TOLD), inside=True)
    yield workload("labeling", "Takes back what nobody labels", acts, inside=True)


def _name(arn: str) -> str:
    return arn.rpartition(":")[2]


def _publication(system: Trained) -> str:
    return f"read the published data of {system.name}"


def _reading(folder: str, systems: Sequence[Trained]) -> str:
    """Return the operation that reads a folder of inputs, which may be what a system has published."""
    published = {f"{system.name}/versions": _publication(system) for system in systems}
    return published.get(folder, f"read {folder} for labeling")
