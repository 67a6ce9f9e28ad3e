"""Parts of a manifest: seeded, by class where that is asked, nothing lost and nothing twice."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.manifest_tools.split import ShareError, split
from labels.objects import LineError
from tests.lambda_.labeling.labels.manifest_tools.crowded import Line, manifests

SHARES = st.sampled_from([{"train": 0.8, "test": 0.2}, {"a": 0.5, "b": 0.25, "c": 0.25}, {"a": 1 / 3, "b": 2 / 3}])


def pictures(kinds: list[str]) -> list[Line]:
    return [
        {"source-ref": f"s3://b/{number}", "kind": 0, "kind-metadata": {"class-name": kind}}
        for number, kind in enumerate(kinds)
    ]


@given(manifests(), SHARES, st.integers(), st.sampled_from(["", "a"]))
def test_nothing_is_lost_and_nothing_is_there_twice(
    lines: list[Line], shares: dict[str, float], seed: int, stratify: str
) -> None:
    if stratify and not any("a" in line for line in lines):
        return
    parts = split(lines, shares, seed, stratify)
    assert {*parts} == {*shares}
    together = [line["id"] for part in parts.values() for line in part]
    assert sorted(together) == [line["id"] for line in lines]
    for name, share in shares.items():
        assert [line["id"] for line in parts[name]] == sorted(line["id"] for line in parts[name]), "in their order"
        assert abs(len(parts[name]) - share * len(lines)) < len(shares)
    assert parts == split(lines, shares, seed, stratify)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=60), SHARES, st.integers())
def test_each_class_is_shared_out_alike(kinds: list[str], shares: dict[str, float], seed: int) -> None:
    parts = split(pictures(kinds), shares, seed, "kind")
    for kind, times in Counter(kinds).items():
        for name, share in shares.items():
            got = sum(line["kind-metadata"]["class-name"] == kind for line in parts[name])
            assert abs(got - share * times) < 1 + 1e-9


def test_of_ten_and_ten_eight_and_eight_are_trained_with() -> None:
    parts = split(pictures(["dog"] * 10 + ["cat"] * 10), {"train": 0.8, "test": 0.2}, stratify="kind")
    found = {name: Counter(line["kind-metadata"]["class-name"] for line in part) for name, part in parts.items()}
    assert found == {"train": {"dog": 8, "cat": 8}, "test": {"dog": 2, "cat": 2}}


def test_rare_classes_do_not_all_go_to_one_part() -> None:
    parts = split(pictures([str(number) for number in range(10)]), {"train": 0.5, "test": 0.5}, stratify="kind")
    assert [len(part) for part in parts.values()] == [5, 5]


def test_lines_of_one_object_stay_together() -> None:
    lines = [{"source-ref": f"s3://b/{number % 7}", "id": number} for number in range(70)]
    parts = split(lines, {"train": 0.5, "test": 0.5})
    sources = [{line["source-ref"] for line in part} for part in parts.values()]
    assert not sources[0] & sources[1]


def test_another_seed_makes_other_parts_and_another_order_does_not() -> None:
    lines, shares = pictures(["dog"] * 40), {"train": 0.5, "test": 0.5}
    assert split(lines, shares, 1) != split(lines, shares, 2)
    turned = split(lines[::-1], shares, 1)
    assert {name: part[::-1] for name, part in turned.items()} == split(lines, shares, 1)


@pytest.mark.parametrize(
    "shares",
    [{}, {"a": 1.0}, {"a": 0.5, "b": 0.4}, {"a": 1.5, "b": -0.5}, {"a": 1.0, "b": 0.0}, {"a": float("nan"), "b": 1}],
)
def test_shares_that_are_none_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(ShareError, match="make 1 together"):
        split(pictures(["dog"]), shares)


def test_an_attribute_that_nobody_has_is_refused() -> None:
    with pytest.raises(LineError, match="No line has a label 'size'"):
        split(pictures(["dog"]), {"a": 0.5, "b": 0.5}, stratify="size")
