"""Lifecycle policies of ECR, by examples of its user guide."""

import json
from typing import Any

from localcloud.hooks.compute.images import digests_to_expire

DAY = 24 * 3600.0


def image(digest: str, pushed: float, *tags: str) -> dict[str, Any]:
    return {"imageDigest": digest, "imagePushedAt": pushed, "imageTags": list(tags)}


def rule(priority: int, status: str, count_type: str, number: int, **more: Any) -> dict[str, Any]:
    selection = {"tagStatus": status, "countType": count_type, "countNumber": number, **more}
    return {"rulePriority": priority, "selection": selection, "action": {"type": "expire"}}


def gone(images: list[dict[str, Any]], *rules: dict[str, Any], now: float = 100 * DAY) -> list[str]:
    return sorted(digests_to_expire(json.dumps({"rules": rules}), images, now))


def test_the_oldest_images_beyond_a_count_go_whoever_names_them() -> None:
    images = [image(f"d{number}", number, f"t{number}") for number in range(1, 53)]
    assert gone(images, rule(1, "any", "imageCountMoreThan", 50)) == ["d1", "d2"]


def test_untagged_images_go_by_age_and_tagged_ones_stay() -> None:
    images = [image("old", 0), image("young", 99.5 * DAY), image("named", 0, "v1")]
    untagged = rule(1, "untagged", "sinceImagePushed", 1, countUnit="days")
    assert gone(images, untagged) == ["old"]


def test_an_image_that_a_rule_has_selected_is_no_other_s() -> None:
    images = [image("a", 1, "prod-1"), image("b", 2, "prod-2"), image("c", 3, "beta-1")]
    kept = rule(1, "tagged", "imageCountMoreThan", 2, tagPrefixList=["prod"])
    rest = rule(2, "any", "imageCountMoreThan", 0)
    assert gone(images, rest, kept) == ["c"]
    assert gone(images, rule(1, "tagged", "imageCountMoreThan", 0, tagPatternList=["*-2"])) == ["b"]
