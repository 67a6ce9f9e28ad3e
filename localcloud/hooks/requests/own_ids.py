"""Ids that MiniStack makes in a form that the model of their service does not take back.

`hooks.requests.models` refuses what breaks a model, so an id has to keep it too. Source: the patterns in botocore's
models, named at each.
"""

import json
import secrets
import string
from collections.abc import Mapping
from typing import Any, Final

from ministack.services import cloudwatch_logs, cognito, kinesis

SECRET_LENGTH: Final = 52
_LETTERS: Final = string.ascii_lowercase + string.digits


def keep_to_models() -> None:
    """Let secrets of clients, sequence numbers and ids of deliveries be what AWS's APIs take."""
    cognito._client_secret = client_secret
    number = kinesis._next_sequence_number
    kinesis._next_sequence_number = lambda: f"4{number()}"  # SequenceNumber: 0|([1-9]\d{0,128})
    create = cloudwatch_logs._create_delivery

    def created(data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's
        status, headers, body = create(data)
        answer = json.loads(body)
        if "delivery" not in answer:
            return status, headers, body
        delivery = cloudwatch_logs._deliveries.pop(answer["delivery"]["id"])
        name = delivery["id"].replace("-", "")  # DeliveryId: ^[0-9A-Za-z]+$
        delivery.update(id=name, arn=cloudwatch_logs._make_delivery_arn(name))
        cloudwatch_logs._deliveries[name] = delivery
        answer["delivery"].update(id=name, arn=delivery["arn"])
        return status, headers, json.dumps(answer).encode()

    cloudwatch_logs._create_delivery = created


def client_secret() -> str:
    r"""Make the secret of a client of a user pool. ClientSecretType: [\w+]+."""
    return "".join(secrets.choice(_LETTERS) for _ in range(SECRET_LENGTH))
