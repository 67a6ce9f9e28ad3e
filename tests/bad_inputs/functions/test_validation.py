"""Bad inputs of an execution: refused by name, in a sentence that says which member is wrong."""

import json
import re
import time

import pytest

from run_validation.request import InvalidInput, parse
from tests.bad_inputs.bounds import CPU
from tests.bad_inputs.inputs import BadInput, label, plain, read
from tests.lambda_.training.run_validation.test_request import GOOD, PREFIX

"""Seconds."""


@pytest.mark.parametrize("given", read("functions/validation"), ids=label)
def test_validation(given: BadInput) -> None:
    text = re.sub("«([^»]*)»", lambda found: plain(found[1]), given.get("whole") or given.get("change"))
    # what a text in TOML cannot say otherwise: a control character within a text of JSON
    document = json.loads(text, strict=False)
    whole = document if given.get("whole") else {**GOOD, **document}
    begun = time.thread_time()
    with pytest.raises(InvalidInput) as refused:
        parse(whole, PREFIX)
    given.require_sentence(str(refused.value))
    assert str(refused.value).endswith(".")
    assert time.thread_time() - begun <= CPU
