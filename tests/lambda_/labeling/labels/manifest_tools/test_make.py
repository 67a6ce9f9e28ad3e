"""Manifests of what lies in a bucket, by the formats and sizes of the developer guide."""

import pytest

from labels.manifest_tools.make import Stored, is_text, pictures, texts


def test_a_line_for_each_picture_by_name() -> None:
    """ "Image: .jpg, .jpeg, .png" (sms-supported-data-formats)."""
    made = pictures([Stored("in/b.PNG", 1), Stored("in/a b.jpg", 1), Stored("in/c.jpeg", 1)], "s3://bucket/")
    assert [line["source-ref"] for line in made.lines] == [
        "s3://bucket/in/a b.jpg",
        "s3://bucket/in/b.PNG",
        "s3://bucket/in/c.jpeg",
    ]
    assert made.skipped == {}


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        (Stored("in/", 0), "It ends with none of .jpg, .jpeg, .png."),
        (Stored("a.gif", 1), "It ends with none of .jpg, .jpeg, .png."),
        (Stored("a.jpg", 0), "It is empty."),
        (Stored("a.jpg", 40 * 1024 * 1024 + 1), "It has 41,943,041 bytes, and a picture may have 41,943,040."),
    ],
)
def test_what_nobody_can_be_shown_is_left_out_with_the_reason(stored: Stored, reason: str) -> None:
    """ "Image classification: 40 MB" (input-data-limits)."""
    assert pictures([stored], "s3://b").skipped == {stored.key: reason}


def test_a_line_for_each_line_of_a_text() -> None:
    """ "Each item … must be separated by a standard line break" (sms-console-create-manifest-file)."""
    found = list(texts("good food\r\n\r\na\u2028b\n"))
    assert found == [{"source": "good food"}, {"source": "a\u2028b"}]
    assert is_text(Stored("a.TXT", 1))
    assert not is_text(Stored("a.csv", 1))
