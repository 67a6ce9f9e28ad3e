"""Manifests of several jobs in one: classes by their names, and conflicts by their lines."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.manifest_tools.merge import Manifest, merge
from labels.objects import LineError
from tests.lambda_.labeling.labels.documented import BOXES, FAILED, SPANS, VERDICT
from tests.lambda_.labeling.labels.manifest_tools.crowded import Line, boxes, manifests, named, one, several, spans


def picture(name: str, number: int | str, kind: str) -> Line:
    return {"source-ref": f"s3://b/{name}", "kind": number, "kind-metadata": {"class-name": kind, "confidence": 0.5}}


def test_numbers_are_reconciled_by_name_and_what_changes_is_named() -> None:
    first = Manifest("a", [picture("1", 0, "dog"), picture("2", 1, "cat")])
    second = Manifest("b", [picture("3", "0", "bird"), picture("4", "1", "dog"), picture("5", 7, "fox")])
    merged = merge([first, second])
    assert merged.classes == {"kind": {"dog": 0, "cat": 1, "bird": 2, "fox": 7}}
    assert [line["kind"] for line in merged.lines] == [0, 1, 2, 0, 7]
    assert [(each.name, each.before, each.after, each.place) for each in merged.renumbered] == [
        ("bird", 0, 2, "b, line 1"),
        ("dog", 1, 0, "b, line 2"),
    ]


def test_the_label_category_file_gives_the_numbers() -> None:
    merged = merge([Manifest("a", [picture("1", 0, "dog")])], ["bird", "dog"])
    assert merged.lines[0]["kind"] == 1
    with pytest.raises(LineError, match="a, line 1: the class 'dog' of 'kind' is none of bird"):
        merge([Manifest("a", [picture("1", 0, "dog")])], ["bird"])


def test_two_jobs_about_one_object_make_one_line() -> None:
    """ "You can consolidate the results of the two jobs into one output file" (sms-data-output)."""
    where = {**picture("1", 0, "dog"), "id": 9}
    [line] = merge([Manifest("a", [where]), Manifest("b", [{**BOXES, "source-ref": "s3://b/1"}])]).lines
    assert line == {**where, **BOXES, "source-ref": "s3://b/1"}


def test_a_label_takes_the_place_of_the_reason_why_there_was_none() -> None:
    labeled = {**BOXES, "source-ref": FAILED["source-ref"]}
    for order in ([FAILED, labeled], [labeled, FAILED], [FAILED, labeled, FAILED]):
        assert merge([Manifest(str(number), [each]) for number, each in enumerate(order)]).lines == [labeled]
    assert merge([Manifest("a", [FAILED]), Manifest("b", [FAILED])]).lines == [FAILED]


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        (picture("1", 1, "cat"), "b, line 1 has another 'kind' than a, line 1. Leave out one of each two."),
        ({**picture("1", 0, "dog"), "id": 2}, "b, line 1 has another 'id' than a, line 1."),
        ({"source-ref": "s3://b/1", "kind": 3}, "b, line 1 has another 'kind' than a, line 1."),
        ({"source": "a", "source-ref": 1}, ""),
    ],
)
def test_two_lines_that_say_different_things_are_named(other: Line, sentence: str) -> None:
    manifests_ = [Manifest("a", [{**picture("1", 0, "dog"), "id": 1}]), Manifest("b", [other])]
    if not sentence:
        assert len(merge(manifests_).lines) == 2
        return
    with pytest.raises(LineError) as error:
        merge(manifests_)
    assert sentence in str(error.value)


def test_one_name_for_the_labels_of_all_jobs() -> None:
    """The console calls the attribute by the job's name where nobody gives one (sms-reusing-data)."""
    other = {"source-ref": "s3://b/2", "job-2": 0, "job-2-metadata": {"class-name": "cat"}}
    merged = merge([Manifest("a", [picture("1", 0, "dog")]), Manifest("b", [other])], attribute="animal")
    assert [line["animal"] for line in merged.lines] == [0, 1]
    assert "job-2" not in merged.lines[1]
    with pytest.raises(LineError, match="a has kind and verify-bounding-box for labels: only one can be called 'x'"):
        merge([Manifest("a", [{**VERDICT, **picture("1", 0, "dog")}])], attribute="x")
    with pytest.raises(LineError, match="a, line 1 has 'x' already"):
        merge([Manifest("a", [{**picture("1", 0, "dog"), "x": 1}])], attribute="x")


def test_texts_have_all_classes_of_all_jobs() -> None:
    other = deepcopy(SPANS)
    other["source"] = "another"
    other["ner-labeling-job-attribute-name"] = {"annotations": {"labels": [{"label": "Place"}], "entities": []}}
    other["ner-labeling-job-attribute-name-metadata"]["entities"] = []
    merged = merge([Manifest("a", [SPANS]), Manifest("b", [other])])
    for line in merged.lines:
        offered = [each["label"] for each in line["ner-labeling-job-attribute-name"]["annotations"]["labels"]]
        assert offered == ["Date", "Verb", "Thing", "People", "Place"]


def test_a_mask_is_kept_and_refused_where_its_numbers_would_have_to_change() -> None:
    def masked(name: str, number: int, kind: str) -> Line:
        colors = {str(number): {"class-name": kind, "hex-color": "#2acf59"}}
        return {"source-ref": name, "m-ref": "s3://b/m.png", "m-ref-metadata": {"internal-color-map": colors}}

    same = [masked("s3://b/1", 1, "road"), masked("s3://b/2", 1, "road")]
    assert merge([Manifest("a", same)]).lines == same
    with pytest.raises(LineError, match="has the number 1 for 'tree' in a file"):
        merge([Manifest("a", [same[0]]), Manifest("b", [masked("s3://b/3", 1, "tree")])])


@pytest.mark.parametrize("bare", [{"kind": 3}, {"kind-metadata": {"note": "a"}}])
def test_what_is_no_label_is_not_lost_where_another_line_has_one(bare: Line) -> None:
    first, second = Manifest("a", [{"source-ref": "s3://b/1", **bare}]), Manifest("b", [picture("1", 0, "dog")])
    for order in ([first, second], [second, first]):
        with pytest.raises(LineError, match="has another"):
            merge(order)


@pytest.mark.parametrize("line", [{}, {"source": 1}])
def test_a_line_without_an_object_is_named(line: Line) -> None:
    with pytest.raises(LineError, match="a, line 1 needs"):
        merge([Manifest("a", [line])])


@given(st.lists(st.sampled_from([boxes(), several(), one(), spans()]).flatmap(st.lists), min_size=1, max_size=3))
def test_every_object_says_afterwards_what_it_said(jobs: list[list[Line]]) -> None:
    number = iter(range(100))
    given_ = [
        Manifest(str(job), [{"source-ref": f"s3://b/{next(number)}", **line} for line in lines])
        for job, lines in enumerate(jobs)
    ]
    merged = merge(given_)
    before = [line for each in given_ for line in each.lines]
    assert [named(line) for line in merged.lines] == [named(line) for line in before]
    for line in merged.lines:
        for number_, name in line["a-metadata"].get("class-map", {}).items():
            assert merged.classes["a"][name] == int(number_)
    assert merge([Manifest("again", merged.lines)]).lines == merged.lines
    numbers = list(merged.classes.get("a", {}).values())
    assert len({*numbers}) == len(numbers)


@given(manifests())
def test_a_manifest_with_itself_is_itself(lines: list[Line]) -> None:
    alone = merge([Manifest("a", lines)]).lines
    assert merge([Manifest("a", lines), Manifest("b", lines)]).lines == alone
    assert len(alone) == len(lines)
