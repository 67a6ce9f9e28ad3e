"""`AddTags`, `ListTags` and `DeleteTags`, for resources of every kind."""

from collections.abc import Mapping
from typing import Any

from localsagemaker.kernel.authorization import Permissions, by_arn
from localsagemaker.kernel.listing import page
from localsagemaker.kernel.requests import Handler, Request
from localsagemaker.kernel.resources import Resources, checked_tags

_OPERATIONS = ("AddTags", "ListTags", "DeleteTags")


class Tags:
    """The tags of resources."""

    permissions = Permissions(resources=dict.fromkeys(_OPERATIONS, by_arn("ResourceArn")))

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def operations(self) -> dict[str, Handler]:
        """Return every operation on tags."""
        return dict(zip(_OPERATIONS, (self._add, self._list, self._delete), strict=True))

    def close(self) -> None:
        """Nothing runs."""

    def _add(self, request: Request) -> dict[str, Any]:
        given = checked_tags(request.parameters["Tags"])
        return {"Tags": _to_list(self._resources.tag(request.parameters["ResourceArn"], given))}

    def _list(self, request: Request) -> dict[str, Any]:
        return page(request, "Tags", _to_list(self._resources.tags(request.parameters["ResourceArn"])))

    def _delete(self, request: Request) -> dict[str, Any]:
        self._resources.tag(request.parameters["ResourceArn"], {}, iter(request.parameters["TagKeys"]))
        return {}


def _to_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
