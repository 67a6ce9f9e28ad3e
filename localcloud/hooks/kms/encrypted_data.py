"""DynamoDB, SNS, SQS and ECR of MiniStack: what is under a customer's key is used by who may use the key.

Each service asks KMS in the caller's name. Sources: DynamoDB developer guide, "How DynamoDB uses AWS KMS" (actions and
encryption context; in the words of cloudcomponents/cdk-constructs#102); SNS developer guide, "Key management"; SQS
developer guide, "Key management"; ECR user guide, "Encryption at rest" (grants in the name of who makes a repository).
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from ministack.core.responses import error_response_json, get_account_id
from ministack.services import dynamodb, ecr, sns, sqs

from localcloud.hooks.kms import keys

DATA: Final = frozenset(
    {
        "BatchExecuteStatement",
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "ExecuteStatement",
        "ExecuteTransaction",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
    }
)
"""Operations of DynamoDB that need the key of the table."""
_SETTINGS: Final = frozenset({"CreateTable", "UpdateTable"})
"""Operations that may give a table a key, for whose use DynamoDB makes grants in the caller's name."""
_FROM: Final = re.compile(r"""(?:FROM|INTO|UPDATE)\s+"?([A-Za-z0-9_.-]+)""", re.IGNORECASE)
Handle = Callable[..., Awaitable[Any]]


def ask_for_keys() -> None:
    """Ask for keys before items, messages and images are written or read."""
    dynamodb.handle_request = _before(dynamodb.handle_request, _table_refusal)
    sns.handle_request = _before(sns.handle_request, _topic_refusal)
    ecr.handle_request = _before(ecr.handle_request, _repository_refusal)
    for action, needed in (
        ("SendMessage", ("GenerateDataKey", "Decrypt")),
        ("SendMessageBatch", ("GenerateDataKey", "Decrypt")),
        ("ReceiveMessage", ("Decrypt",)),
    ):
        sqs._HANDLERS[action] = _with_queue_key(sqs._HANDLERS[action], needed)


def _before(handle: Handle, refusal: Callable[[Mapping[str, str], bytes], Any]) -> Handle:
    async def handled(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any) -> Any:  # noqa: ANN401 - MiniStack's
        refused = refusal(headers, body)
        return refused if refused is not None else await handle(method, path, headers, body, query)

    return handled


def _table_refusal(headers: Mapping[str, str], body: bytes) -> Any:  # noqa: ANN401 - MiniStack's
    operation = headers.get("x-amz-target", "").rpartition(".")[2]
    if operation not in DATA and operation not in _SETTINGS:
        return None
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return None  # the service says so
    try:
        if operation in _SETTINGS:
            key = (request.get("SSESpecification") or {}).get("KMSMasterKeyId")
            if key:
                keys.use(key, ("CreateGrant", "DescribeKey"), _via_table(str(request["TableName"])))
            return None
        for name in sorted(set(_tables(request))):
            described = (dynamodb._tables.get(name) or {}).get("SSEDescription") or {}
            if described.get("Status") == "ENABLED" and described.get("KMSMasterKeyArn"):
                keys.use(described["KMSMasterKeyArn"], ("Decrypt",), _via_table(name))
    except keys.KeyDenied as denied:
        return error_response_json("AccessDeniedException", f"KMS key access denied error: {denied}", 400)
    return None


def _via_table(name: str) -> keys.Via:
    context = {"aws:dynamodb:tableName": name, "aws:dynamodb:subscriberId": str(get_account_id())}
    return keys.Via("dynamodb", context)


def _tables(request: object) -> Iterator[str]:
    """Yield the names of the tables that a request is about."""
    if isinstance(request, list):
        for item in request:
            yield from _tables(item)
    if isinstance(request, dict):
        if isinstance(name := request.get("TableName"), str):
            yield name.rpartition("/")[2]
        if isinstance(items := request.get("RequestItems"), dict):
            yield from items
        if isinstance(statement := request.get("Statement"), str):
            yield from _FROM.findall(statement)
        for member in ("TransactItems", "Statements", "TransactStatements", "Get", "Put", "Update", "Delete"):
            yield from _tables(request.get(member))
        yield from _tables(request.get("ConditionCheck"))


def _topic_refusal(headers: Mapping[str, str], body: bytes) -> Any:  # noqa: ANN401 - MiniStack's
    del headers
    request = {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
    if request.get("Action") not in {"Publish", "PublishBatch"}:
        return None
    topic = sns._topic_by_arn_any_scope(request.get("TopicArn") or request.get("TargetArn") or "") or {}
    key = topic.get("attributes", {}).get("KmsMasterKeyId")
    try:
        if key:
            via = keys.Via("sns", {"aws:sns:topicArn": topic["arn"]})
            keys.use(keys.of(topic["arn"], key), ("GenerateDataKey", "Decrypt"), via)
    except keys.KeyDenied as denied:
        return sns._error("KMSAccessDenied", str(denied), 400)
    return None


def _repository_refusal(headers: Mapping[str, str], body: bytes) -> Any:  # noqa: ANN401 - MiniStack's
    if not headers.get("x-amz-target", "").endswith(".CreateRepository"):
        return None
    try:
        key = (json.loads(body or b"{}").get("encryptionConfiguration") or {}).get("kmsKey")
        if key:
            keys.use(key, ("DescribeKey", "CreateGrant"), keys.Via("ecr"))
    except keys.KeyDenied as denied:
        return error_response_json("KmsException", str(denied), 400)
    return None


def _with_queue_key(act: Callable[..., Any], needed: tuple[str, ...]) -> Callable[..., Any]:
    def acted(data: dict[str, Any], url: str) -> Any:  # noqa: ANN401 - MiniStack's
        queue = sqs._get_q(data.get("QueueUrl", url))  # of any account
        key = queue.get("attributes", {}).get("KmsMasterKeyId")
        try:
            if key:
                arn = queue["attributes"].get("QueueArn", "")
                keys.use(keys.of(arn, key), needed, keys.Via("sqs", {"aws:sqs:arn": arn}))
        except keys.KeyDenied as denied:
            raise sqs._Err("KMS.AccessDeniedException", str(denied), 400) from denied
        return act(data, url)

    return acted
