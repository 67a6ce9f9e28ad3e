"""Lines of input manifests, within the limits of the developer guide, and label category files."""

import json
import re

import pytest

from labels import categories, objects
from labels.categories import CategoriesError
from labels.objects import DataObject, LineError


def test_objects_are_numbered_by_their_lines_and_keep_what_they_say() -> None:
    text = '{"source-ref":"s3://b/1.jpg","id":7}\r\n{"source":"a line\\u2028in two"}\n'
    first, second = objects.read(objects.split(text))
    assert first == DataObject("0", {"source-ref": "s3://b/1.jpg", "id": 7})
    assert isinstance(second, DataObject)
    assert (second.id, second.source) == ("1", "a line\u2028in two")


def test_a_bad_line_harms_no_other() -> None:
    found = list(objects.read(['{"source":"a"}', "{", '{"source":"b"}', '{ "source": "a" }']))
    assert [each.id for each in found if isinstance(each, DataObject)] == ["0", "1"], "numbers of the output"
    bad, same = (str(each) for each in found if isinstance(each, LineError))
    assert bad.startswith("Line 2 is no JSON (Expecting property name")
    assert bad.endswith("): write one object a line.")
    assert same == "Line 4 says the same as line 1: leave it out."


@pytest.mark.parametrize(
    ("line", "source", "sentence"),
    [
        ("[]", "", "Line 1 is no JSON object"),
        ("{}", "", 'Line 1 has neither of "source" and "source-ref": give one.'),
        ('{"source":"a","source-ref":"s3://b"}', "", "has source and source-ref of"),
        ('{"source":"a"}', "source-ref", 'has "source", and this type of task needs "source-ref"'),
        ('{"source":1}', "", 'a "source" that is no text'),
        ('{"source-ref":"https://b/1.jpg"}', "", "begin it with s3://"),
        ('{"source":"a","$b":1}', "", 'the attribute "$b": no name may begin with $'),
        (json.dumps({"source": "a" * 20_001}), "", '20,001 characters in "source": 20,000 are the most'),
        (json.dumps({"source": "a", **{f"n{n}": "b" * 20_000 for n in range(5)}}), "", "100,000 are the most"),
        ("[" * 100_000, "", "is no JSON"),
    ],
)  # fmt: skip
def test_what_a_bad_line_is_told(line: str, source: str, sentence: str) -> None:
    (found,) = objects.read([line], source)
    assert isinstance(found, LineError)
    assert sentence in str(found)


def test_the_categories_of_the_api_reference() -> None:
    text = '{"document-version": "2018-11-28", "labels": [{"label": "label_1"},{"label": "label_2"}]}'
    assert categories.read(text, "class") == ["label_1", "label_2"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "is no JSON"),
        ('{"labels": []}', 'has no "labels"'),
        ('{"labels": [{"label": "a"}, {}]}', 'Label 2 of the label category file has no "label"'),
        ('{"labels": [{"label": "a"}, {"label": "a"}]}', "has a twice"),
        ('{"labels": [{"label": "a"}]}', "has 1 label: a class needs 2 to choose from"),
    ],
)
def test_what_bad_categories_are_told(text: str, sentence: str) -> None:
    with pytest.raises(CategoriesError, match=re.escape(sentence)):
        categories.read(text, "class")
