"""Nothing that could not be delivered goes unnoticed."""

import json
from typing import Any


def test_every_dead_letter_queue_has_an_alarm(templates: dict[str, dict[str, Any]]) -> None:
    queues = 0
    for name, template in templates.items():
        resources = template["Resources"]
        watched = [
            json.dumps(resource["Properties"]["Dimensions"])
            for resource in resources.values()
            if resource["Type"] == "AWS::CloudWatch::Alarm" and resource["Properties"]["Namespace"] == "AWS/SQS"
        ]
        for logical_id, resource in resources.items():
            if resource["Type"] == "AWS::SQS::Queue" and "RedrivePolicy" not in resource["Properties"]:
                queues += 1
                assert any(logical_id in dimensions for dimensions in watched), f"{name}: {logical_id}"
    assert queues
