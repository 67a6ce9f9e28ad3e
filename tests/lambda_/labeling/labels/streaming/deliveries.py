"""Bodies of messages as AWS's guides show them, for the tests."""

import json
from copy import deepcopy
from typing import Any

TOPIC = "arn:aws:sns:us-west-2:123456789012:MyTopic"
ID = "63a3f6b6-d533-4a47-aef9-fcf5cf758c76"
PUT: dict[str, Any] = {
    "Records": [
        {
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": "us-west-2",
            "eventTime": "1970-01-01T00:00:00.000Z",
            "eventName": "ObjectCreated:Put",
            "userIdentity": {"principalId": "AIDAJDPLRKLG7UEXAMPLE"},
            "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": {
                "x-amz-request-id": "C3D13FE58DE4C810",
                "x-amz-id-2": "FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD",
            },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "testConfigRule",
                "bucket": {
                    "name": "mybucket",
                    "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                    "arn": "arn:aws:s3:::mybucket",
                },
                "object": {
                    "key": "HappyFace.jpg",
                    "size": 1024,
                    "eTag": "d41d8cd98f00b204e9800998ecf8427e",
                    "versionId": "096fKKXTRTtl3on89fVO.nfljtsv6qko",
                    "sequencer": "0055AED6DCD90281E5",
                },
            },
        }
    ]
}
"""The event of the S3 user guide, notification-content-structure."""
PROBE: dict[str, Any] = {
    "Service": "Amazon S3",
    "Event": "s3:TestEvent",
    "Time": "2014-10-13T15:57:02.089Z",
    "Bucket": "bucketname",
    "RequestId": "5582815E1AEA5ADF",
    "HostId": "8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE",
}
"""The test message of the same page."""


def notification(published: object, identity: str = ID) -> str:
    """Return the body of SNS's guide, sns-sqs-as-subscriber, for what somebody published: a text, or JSON."""
    return json.dumps(
        {
            "Type": "Notification",
            "MessageId": identity,
            "TopicArn": TOPIC,
            "Subject": "Testing publish to subscribed queues",
            "Message": published if isinstance(published, str) else json.dumps(published),
            "Timestamp": "2012-03-29T05:12:16.901Z",
            "SignatureVersion": "1",
            "Signature": "EXAMPLEnTrFPa3...",
            "SigningCertURL": "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ecfb72.pem",
            "UnsubscribeURL": "https://sns.us-west-2.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:c7fe3a54",
        }
    )


def put(key: str = "HappyFace.jpg", **changes: Any) -> dict[str, Any]:
    """Return the event of a bucket about another key, with members of the record changed."""
    event = deepcopy(PUT)
    event["Records"][0] |= changes
    event["Records"][0].setdefault("s3", {}).setdefault("object", {})["key"] = key
    return event
