"""SNS of MiniStack: topics and subscriptions have AWS's attributes, and errors AWS's codes.

Sources: API reference of SNS, "CreateTopic", "GetTopicAttributes", "GetSubscriptionAttributes"; answers that
localstack/localstack recorded from AWS (tests/aws/services/sns/test_sns.snapshot.json, Apache-2.0).
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import iam_evaluator, responses
from ministack.services import sns

from localcloud import filter_policies
from localcloud.hooks.messages import topics

PAGE = 100
MAILS = ("email", "email-json")
OWNER_ACTIONS = (
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
)
DELIVERY = {
    "http": {
        "defaultHealthyRetryPolicy": {
            "minDelayTarget": 20,
            "maxDelayTarget": 20,
            "numRetries": 3,
            "numMaxDelayRetries": 0,
            "numNoDelayRetries": 0,
            "numMinDelayRetries": 0,
            "backoffFunction": "linear",
        },
        "disableSubscriptionOverrides": False,
        "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
    }
}
_OK = 200
Operation = Callable[[Mapping[str, Any]], Any]


def use_codes() -> None:
    """Name what is wrong with a parameter by the code that AWS uses."""
    error = sns._error
    sns._error = lambda code, said, status: error(
        "InvalidParameter" if code == "InvalidParameterException" else code, said, status
    )


def complete_attributes() -> None:
    """Give topics and subscriptions the attributes that AWS gives them, and list subscriptions page by page."""
    sns._create_topic = _created(sns._create_topic)
    sns._subscribe = _subscribed(sns._subscribe)
    sns._confirm_subscription = _confirmed(sns._confirm_subscription)
    sns._set_subscription_attributes = _attributed(sns._set_subscription_attributes)
    sns._get_subscription_attributes = _scoped(sns._get_subscription_attributes)
    sns._add_permission = _permitted(sns._add_permission)
    sns._list_subscriptions_by_topic = _pending(_paged(sns._list_subscriptions_by_topic))
    sns._list_subscriptions = _pending(sns._list_subscriptions)


def _created(create: Operation) -> Operation:
    def created(parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        known = set(sns._topics)
        answer = create(parameters)
        for arn in set(sns._topics) - known:
            attributes = sns._topics[arn]["attributes"]
            given = {sns._p(parameters, name) for name in parameters if name.startswith("Attributes.entry.")}
            attributes["EffectiveDeliveryPolicy"] = json.dumps(DELIVERY)
            if attributes.get("FifoTopic") == "false":
                del attributes["FifoTopic"]
            if "Policy" not in given:
                policy = json.loads(attributes["Policy"])
                policy["Statement"][0]["Action"] = [f"SNS:{action}" for action in OWNER_ACTIONS]
                attributes["Policy"] = json.dumps(policy)
        return answer

    return created


def _subscribed(subscribe: Operation) -> Operation:
    def subscribed(parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        known = set(sns._sub_arn_to_topic)
        answer = subscribe(parameters)
        for arn in set(sns._sub_arn_to_topic) - known:
            found = sns._find_subscription(sns._sub_arn_to_topic[arn], arn)
            root = f"arn:aws:iam::{responses.get_account_id()}:root"
            found["attributes"]["SubscriptionPrincipal"] = iam_evaluator._request_caller_arn.get() or root
            _tidy(found["attributes"])
            if found in _await_people(sns._topics[sns._sub_arn_to_topic[arn]]):
                status, headers, body = answer
                answer = status, headers, body.replace(f">{arn}<".encode(), b">pending confirmation<")
            if sns._p(parameters, "ReturnSubscriptionArn") == "true":
                status, headers, body = answer
                answer = status, headers, body.replace(b">pending confirmation<", f">{arn}<".encode())
        return answer

    return subscribed


def _confirmed(confirm: Operation) -> Operation:
    """Take a token as often as it is given, and no other one; a link that is visited authenticates nobody."""

    def confirmed(parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        token = sns._p(parameters, "Token")
        topic = sns._topic_by_arn_any_scope(sns._p(parameters, "TopicArn")) or {"subscriptions": ()}
        for each in topic["subscriptions"]:
            if each.get("token") == token:
                answer = confirm(parameters)
                by_whom = iam_evaluator._request_caller_arn.get()
                each["attributes"]["ConfirmationWasAuthenticated"] = "true" if by_whom else "false"
                each["confirmed_by"] = token
                return answer
            if each.get("confirmed_by") == token:
                member = f"<SubscriptionArn>{each['arn']}</SubscriptionArn>"
                result = f"<ConfirmSubscriptionResult>{member}</ConfirmSubscriptionResult>"
                return sns._xml(200, "ConfirmSubscriptionResponse", result)
        return sns._error("InvalidParameter", "Invalid parameter: Token", 400)

    return confirmed


def _attributed(change: Operation) -> Operation:
    def attributed(parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        status, headers, body = change(parameters)
        if status == _OK:
            arn = sns._p(parameters, "SubscriptionArn")
            _tidy(sns._find_subscription(sns._sub_arn_to_topic[arn], arn)["attributes"])
        return status, headers, body

    return attributed


def _tidy(attributes: dict[str, str]) -> None:
    for name in [name for name, value in attributes.items() if not value and name in topics.OF_SUBSCRIPTION]:
        del attributes[name]
    for name, value in attributes.items():
        attributes[name] = topics.tidy(name, value)
    if "FilterPolicy" in attributes:
        attributes.setdefault("FilterPolicyScope", filter_policies.ATTRIBUTES)


def _scoped(describe: Operation) -> Operation:
    """Tell the scope of a filter policy only where there is one."""

    def described(parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        if topic := sns._topics.get(sns._sub_arn_to_topic.get(sns._p(parameters, "SubscriptionArn"), "")):
            _await_people(topic)
        status, headers, body = describe(parameters)
        if b"<key>FilterPolicy</key>" not in body:
            body = re.sub(rb"<entry><key>FilterPolicyScope</key>.*?</entry>", b"", body)
        return status, headers, body

    return described


def _permitted(permit: Operation) -> Operation:
    """Write a permission into a policy as SNS does: actions in its case, accounts as their roots."""

    def permitted(parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        status, headers, body = permit(parameters)
        topic, _ = sns._get_topic(sns._p(parameters, "TopicArn"))
        if status != _OK or topic is None:
            return status, headers, body
        policy = json.loads(topic["attributes"]["Policy"])
        added = policy["Statement"][-1]
        actions = [f"SNS:{action.partition(':')[2]}" for action in added["Action"]]
        accounts = [f"arn:aws:iam::{account}:root" for account in added["Principal"]["AWS"]]
        added["Action"] = actions[0] if len(actions) == 1 else actions
        added["Principal"]["AWS"] = accounts[0] if len(accounts) == 1 else accounts
        topic["attributes"]["Policy"] = json.dumps(policy)
        return status, headers, body

    return permitted


def _paged(listing: Operation) -> Operation:
    def paged(parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        status, headers, body = listing(parameters)
        end = b"</Subscriptions>"
        if status != _OK or body.count(b"<member>") <= PAGE:
            return status, headers, body
        token = base64.b64decode(sns._p(parameters, "NextToken") or "").decode()
        start = int(token) if token.isdecimal() else 0
        before, _, rest = body.partition(b"<member>")
        members, _, after = rest.partition(end)
        all_members = members.split(b"<member>")
        page = b"".join(b"<member>" + member for member in all_members[start : start + PAGE])
        following = base64.b64encode(b"%d" % (start + PAGE)) if start + PAGE < len(all_members) else b""
        following = following and b"<NextToken>%b</NextToken>" % following
        return status, headers, before + page + end + following + after

    return paged


def _pending(listing: Operation) -> Operation:
    """Tell no ARN of a subscription that its endpoint has not confirmed."""

    def listed(parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        status, headers, body = listing(parameters)
        for topic in sns._topics.values():
            for each in _await_people(topic):
                shown = f"<SubscriptionArn>{each['arn']}</SubscriptionArn>".encode()
                body = body.replace(shown, b"<SubscriptionArn>PendingConfirmation</SubscriptionArn>")
        return status, headers, body

    return listed


def _await_people(topic: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the subscriptions of a topic that are not confirmed; nobody gets a mail here in which to confirm one."""
    for each in topic["subscriptions"]:
        if each["protocol"] in MAILS and each.get("confirmed", True):
            each["confirmed"] = False
            each["attributes"] |= {"PendingConfirmation": "true", "ConfirmationWasAuthenticated": "false"}
    sns._refresh_subscription_counts(topic)
    return [each for each in topic["subscriptions"] if not each.get("confirmed", True)]
