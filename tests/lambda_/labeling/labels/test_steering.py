"""What the tags of a request ask for where objects come as messages."""

from typing import Any

import pytest

from labels.request import read
from labels.service_model import RequestError
from labels.steering import check, steering
from labels.task_types import of_template
from tests.lambda_.labeling.requests import classes

PAGE = '<crowd-form><crowd-classifier name="kind" categories="[]"></crowd-classifier></crowd-form>'
TOPIC = "arn:aws:sns:us-east-1:111122223333:dev-birds-input"


@pytest.mark.parametrize(("tag", "value"), [("adaptive", "0.95"), ("known", "truth"), ("pause", "guessers")])
def test_a_streaming_job_has_no_answers_to_look_at_together(tag: str, value: str) -> None:
    tags = [{"Key": f"mdlc:{tag}", "Value": value}]
    plain: dict[str, Any] = classes("TextMultiClass", "TextMultiClass") | {"Tags": tags}
    streamed = plain | {"InputConfig": {"DataSource": {"SnsDataSource": {"SnsTopicArn": TOPIC}}}}
    for body, refused in ((plain, False), (streamed, True)):
        asked = read(body)
        if refused:
            with pytest.raises(RequestError, match="mdlc:pause are for jobs of a manifest"):
                check(steering(asked), of_template(PAGE), asked)
        else:
            check(steering(asked), of_template(PAGE), asked)
