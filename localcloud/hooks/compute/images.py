"""ECR of MiniStack: lifecycle policies expire images, at the next push; AWS does within a day.

Source: Amazon ECR user guide, "Automate the cleanup of images by using lifecycle policies" and "Examples": rules are
applied in the order of their priority, and an image that one rule selects is no other's.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from ministack.services import ecr

Image = Mapping[str, Any]
_DAY_S: Final = 24 * 3600


def expire(scale: float, clock: Callable[[], float] = time.time) -> None:
    """Delete what a repository's policy expires when an image is pushed; a day is divided by `scale`."""
    put = ecr._put_image

    def pushed(data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - MiniStack's answer
        answer = put(data)
        name = data.get("repositoryName", "")
        if policy := ecr._lifecycle_policies.get(name):
            gone = set(digests_to_expire(policy, ecr._images[name], clock(), _DAY_S / scale))
            ecr._images[name][:] = [each for each in ecr._images[name] if each["imageDigest"] not in gone]
        return answer

    ecr._put_image = pushed


def digests_to_expire(policy: str, images: Sequence[Image], now: float, day_s: float = _DAY_S) -> Iterator[str]:
    """Yield the digests of images that a lifecycle policy expires."""
    left = list(images)
    for rule in sorted(json.loads(policy)["rules"], key=lambda each: int(each["rulePriority"])):
        selection = rule["selection"]
        chosen = [each for each in left if _is_selected(each, selection)]
        left = [each for each in left if each not in chosen]
        for each in _beyond(chosen, selection, now, day_s):
            yield str(each["imageDigest"])


def _beyond(chosen: list[Image], selection: Mapping[str, Any], now: float, day_s: float) -> list[Image]:
    count = int(selection["countNumber"])
    if selection["countType"] == "imageCountMoreThan":
        return sorted(chosen, key=lambda each: float(each["imagePushedAt"]), reverse=True)[count:]
    return [each for each in chosen if now - float(each["imagePushedAt"]) > count * day_s]


def _is_selected(image: Image, selection: Mapping[str, Any]) -> bool:
    tags = image.get("imageTags") or []
    match selection["tagStatus"]:
        case "any":
            return True
        case "untagged":
            return not tags
    patterns = [*(f"{each}*" for each in selection.get("tagPrefixList", ())), *selection.get("tagPatternList", ())]
    return any(fnmatchcase(tag, pattern) for tag in tags for pattern in patterns)
