"""Queues and topics."""

from typing import Any

from tests.localcloud.answers.case import Call, Case, answers, call, refuses, shows
from tests.localcloud.answers.sources import OF_SNS, OF_SQS, RECORDED

SQS = RECORDED + "sqs/test_sqs.snapshot.json: "

SNS = RECORDED + "sns/test_sns.snapshot.json: "


def queue(**attributes: str) -> Call:
    return call("sqs.CreateQueue", QueueName="<id>", Attributes=attributes)


FIFO = call("sqs.CreateQueue", QueueName="<id>.fifo", Attributes={"FifoQueue": "true"})


def send(**more: Any) -> Call:
    return call("sqs.SendMessage", **{"QueueUrl": "<0.QueueUrl>", "MessageBody": "hello", **more})


QUEUES = (
    refuses(
        "eleven messages at once",
        SQS
        + "test_send_receive_max_number_of_messages: Value 11 for parameter MaxNumberOfMessages is invalid. Reason: "
        "Must be between 1 and 10, if provided.",
        "InvalidParameterValue",
        r"^Value 11 for parameter MaxNumberOfMessages is invalid\. Reason: Must be between 1 and 10, if provided\.$",
        queue(),
        call("sqs.ReceiveMessage", QueueUrl="<0.QueueUrl>", MaxNumberOfMessages=11),
    ),
    refuses(
        "a message that is too long",
        SQS + "test_send_oversized_message: One or more parameters are invalid. Reason: Message must be shorter than "
        "1048576 bytes.",
        "InvalidParameterValue",
        r"^One or more parameters are invalid\. Reason: Message must be shorter than 1048576 bytes\.$",
        queue(),
        send(MessageBody="x" * 1048577),
    ),
    refuses(
        "a message that is too long for this queue",
        SQS + "test_send_message_with_updated_maximum_message_size: Message must be shorter than 1024 bytes.",
        "InvalidParameterValue",
        "Message must be shorter than 1024 bytes",
        queue(MaximumMessageSize="1024"),
        send(MessageBody="x" * 1025),
    ),
    refuses(
        "a queue with other attributes",
        SQS + "test_create_queue_with_different_attributes_raises_exception: A queue already exists with the same name "
        "and a different value for attribute DelaySeconds",
        "QueueAlreadyExists",
        "^A queue already exists with the same name and a different value for attribute DelaySeconds$",
        queue(DelaySeconds="1"),
        queue(DelaySeconds="2"),
    ),
    refuses(
        "a message of no group",
        SQS + "test_posting_to_fifo_requires_deduplicationid_group_id: MissingParameter, The request must contain the "
        "parameter MessageGroupId.",
        "MissingParameter",
        r"^The request must contain the parameter MessageGroupId\.$",
        FIFO,
        send(),
    ),
    refuses(
        "a batch of an impossible id",
        SQS + "test_invalid_batch_id: A batch entry id can only contain alphanumeric characters, hyphens and "
        "underscores.",
        "AWS.SimpleQueueService.InvalidBatchEntryId",
        "^A batch entry id can only contain alphanumeric characters, hyphens and underscores",
        queue(),
        call("sqs.SendMessageBatch", QueueUrl="<0.QueueUrl>", Entries=[{"Id": "a:b", "MessageBody": "hello"}]),
    ),
    refuses(
        "a batch of twelve",
        SQS + "test_too_many_entries_in_batch_request: Maximum number of entries per request are 10. You have sent …",
        "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        r"^Maximum number of entries per request are 10\. You have sent 12",
        queue(),
        call(
            "sqs.SendMessageBatch",
            QueueUrl="<0.QueueUrl>",
            Entries=[{"Id": str(n), "MessageBody": "hello"} for n in range(12)],
        ),
    ),
    refuses(
        "a queue that is not there",
        OF_SQS + "QueueDoesNotExist error code AWS.SimpleQueueService.NonExistentQueue",
        "AWS.SimpleQueueService.NonExistentQueue",
        "^The specified queue does not exist",
        call("sqs.GetQueueUrl", QueueName="<id>"),
    ),
    shows(
        "a new queue's settings",
        OF_SQS + "CreateQueue Attributes: VisibilityTimeout Default: 30, "
        "MessageRetentionPeriod Default: 345,600, DelaySeconds Default: 0, ReceiveMessageWaitTimeSeconds Default: 0",
        {
            "Attributes.VisibilityTimeout": "30",
            "Attributes.MessageRetentionPeriod": "345600",
            "Attributes.DelaySeconds": "0",
            "Attributes.ReceiveMessageWaitTimeSeconds": "0",
            "Attributes.MaximumMessageSize": "1048576",
            "Attributes.SqsManagedSseEnabled": "true",
        },
        queue(),
        call("sqs.GetQueueAttributes", QueueUrl="<0.QueueUrl>", AttributeNames=["All"]),
    ),
)

TOPIC = call("sns.CreateTopic", Name="<id>")

TOPICS = (
    refuses(
        "a topic that is not there",
        SNS + "test_create_topic_with_attributes: NotFound, Topic does not exist",
        "NotFound",
        "^Topic does not exist$",
        call("sns.GetTopicAttributes", TopicArn="arn:aws:sns:<region>:<account>:<id>"),
    ),
    refuses(
        "a topic by something that is no ARN",
        SNS
        + "test_create_topic_with_attributes: InvalidParameter, Invalid parameter: TopicArn Reason: An ARN must have "
        "at least 6 elements, not 1",
        "InvalidParameter",
        "^Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1$",
        call("sns.GetTopicAttributes", TopicArn="topic"),
    ),
    refuses(
        "a queue by its URL",
        SNS + "test_subscribe_to_sqs_with_queue_url: Invalid parameter: SQS endpoint ARN",
        "InvalidParameter",
        "^Invalid parameter: SQS endpoint ARN$",
        TOPIC,
        queue(),
        call("sns.Subscribe", TopicArn="<0.TopicArn>", Protocol="sqs", Endpoint="<1.QueueUrl>"),
    ),
    refuses(
        "a filter that is no JSON",
        SNS
        + "test_subscribe_invalid_filter_policy: Invalid parameter: Attributes Reason: FilterPolicy: failed to parse "
        "JSON.",
        "InvalidParameter",
        r"^Invalid parameter: Attributes Reason: FilterPolicy: failed to parse JSON\.",
        TOPIC,
        call(
            "sns.Subscribe",
            TopicArn="<0.TopicArn>",
            Protocol="sqs",
            Endpoint="arn:aws:sqs:<region>:<account>:<id>",
            Attributes={"FilterPolicy": "invalid"},
        ),
    ),
    refuses(
        "a topic with other attributes",
        SNS + "test_create_topic_different_attrs: Invalid parameter: Attributes Reason: Topic already exists with "
        "different attributes",
        "InvalidParameter",
        "^Invalid parameter: Attributes Reason: Topic already exists with different attributes$",
        call("sns.CreateTopic", Name="<id>", Attributes={"DisplayName": "one"}),
        call("sns.CreateTopic", Name="<id>", Attributes={"DisplayName": "two"}),
    ),
    refuses(
        "a batch with the same id twice",
        SNS + "test_publish_batch_exceptions: BatchEntryIdsNotDistinct, Two or more batch entries in the request have "
        "the same Id.",
        "BatchEntryIdsNotDistinct",
        r"^Two or more batch entries in the request have the same Id\.$",
        TOPIC,
        call(
            "sns.PublishBatch",
            TopicArn="<0.TopicArn>",
            PublishBatchRequestEntries=[{"Id": "a", "Message": "1"}, {"Id": "a", "Message": "2"}],
        ),
    ),
    answers(
        "the same topic again",
        OF_SNS + "CreateTopic is idempotent, so if the requester already owns a topic "
        "with the specified name, that topic's ARN is returned without creating a new topic",
        TOPIC,
        TOPIC,
        TopicArn="<0.TopicArn>",
    ),
)


CASES: tuple[Case, ...] = (*QUEUES, *TOPICS)
