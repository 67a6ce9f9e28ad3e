"""Topics, queues, rules of events and schedules."""

from collections.abc import Mapping
from typing import Any

from localcloud.readback.reading import Ask, Reader, only


def topic(ask: Ask, arn: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a topic by its attributes, subscriptions and tags."""
    del properties
    attributes = ask("sns", "get_topic_attributes", TopicArn=arn)["Attributes"]
    subscriptions = ask("sns", "list_subscriptions_by_topic", TopicArn=arn).get("Subscriptions", ())
    return {
        **attributes,
        "TopicName": arn.rpartition(":")[2],
        "Subscription": [{"Endpoint": each["Endpoint"], "Protocol": each["Protocol"]} for each in subscriptions],
        "Tags": ask("sns", "list_tags_for_resource", ResourceArn=arn).get("Tags"),
    }


def topic_policy(ask: Ask, physical_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read the policy of the last topic that the template names."""
    del physical_id
    found = [ask("sns", "get_topic_attributes", TopicArn=arn)["Attributes"] for arn in properties["Topics"]]
    return {"Topics": [each["TopicArn"] for each in found], "PolicyDocument": found[-1].get("Policy")}


def subscription(ask: Ask, arn: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a subscription by its attributes, and by the list of its topic, which has no ARN until it is confirmed."""
    listed = ask("sns", "list_subscriptions_by_topic", TopicArn=properties["TopicArn"]).get("Subscriptions", ())
    attributes = ask("sns", "get_subscription_attributes", SubscriptionArn=arn)["Attributes"]
    is_pending = attributes.get("PendingConfirmation") == "true"
    shown = (
        {"SubscriptionArn": "PendingConfirmation", "Endpoint": attributes["Endpoint"]}
        if is_pending
        else {"SubscriptionArn": arn}
    )
    return {**only(listed, **shown), **attributes, "SubscriptionArn": arn}


def queue(ask: Ask, url: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a queue by its attributes and tags."""
    del properties
    attributes = ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {
        **attributes,
        "QueueName": attributes["QueueArn"].rpartition(":")[2],
        "Tags": ask("sqs", "list_queue_tags", QueueUrl=url).get("Tags", {}),
    }


def queue_policy(ask: Ask, physical_id: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read the policy of the last queue that the template names."""
    del physical_id
    policies = [
        ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["Policy"]).get("Attributes", {}).get("Policy")
        for url in properties["Queues"]
    ]
    return {"Queues": properties["Queues"], "PolicyDocument": policies[-1]}


def rule(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a rule with its targets and tags."""
    bus = {"EventBusName": properties["EventBusName"]} if properties.get("EventBusName") else {}
    name = name.rpartition("|")[2].rpartition("/")[2]
    found = ask("events", "describe_rule", Name=name, **bus)
    return {
        **found,
        **({"EventBusName": _bus_of(found["Arn"])} if str(bus.get("EventBusName", "")).startswith("arn:") else {}),
        "Targets": ask("events", "list_targets_by_rule", Rule=name, **bus)["Targets"],
        "Tags": ask("events", "list_tags_for_resource", ResourceARN=found["Arn"])["Tags"],
    }


def _bus_of(rule_arn: str) -> str:
    """Return the ARN of the bus that a rule is on: `…:rule/NAME` is on the default one, `…:rule/BUS/NAME` is not."""
    place, _, resource = rule_arn.partition(":rule/")
    return f"{place}:event-bus/{resource.rpartition('/')[0] or 'default'}"


def bus(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read an event bus."""
    del properties
    return ask("events", "describe_event_bus", Name=name)


def schedule(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a schedule."""
    group = {"GroupName": properties["GroupName"]} if properties.get("GroupName") else {}
    return ask("scheduler", "get_schedule", Name=name, **group)


def stream(ask: Ask, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Read a stream and its tags."""
    del properties
    found = ask("kinesis", "describe_stream_summary", StreamName=name)["StreamDescriptionSummary"]
    encryption = {"EncryptionType": found.get("EncryptionType"), "KeyId": found.get("KeyId")}
    return {
        **found,
        "Name": found["StreamName"],
        "ShardCount": found.get("OpenShardCount"),
        "StreamEncryption": encryption if encryption["KeyId"] else None,
        "Tags": ask("kinesis", "list_tags_for_stream", StreamName=name).get("Tags"),
    }


READERS: Mapping[str, Reader] = {
    "AWS::SNS::Topic": topic,
    "AWS::SNS::TopicPolicy": topic_policy,
    "AWS::SNS::Subscription": subscription,
    "AWS::SQS::Queue": queue,
    "AWS::SQS::QueuePolicy": queue_policy,
    "AWS::Events::Rule": rule,
    "AWS::Events::EventBus": bus,
    "AWS::Scheduler::Schedule": schedule,
    "AWS::Kinesis::Stream": stream,
}
