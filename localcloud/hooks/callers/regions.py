"""CloudFormation of MiniStack: a region has the resource types that it has."""

from collections.abc import Mapping
from typing import Any

from ministack.services.cloudformation import changesets, engine, handlers

from account.regions import has_type
from localcloud.hooks.callers import identity


def refuse_types_of_others() -> None:
    """Refuse a template with types that the region lacks, in CloudFormation's words for types that there are not.

    Source of the words: AWS re:Post Knowledge Center, "unrecognized resource types" of CloudFormation.
    """
    support = engine.validate_template_support

    def validate(template: Mapping[str, Any], conditions: Mapping[str, bool], params: Any = None) -> None:  # noqa: ANN401 - MiniStack's
        region = identity.request_scope()[1]
        types = {str(each.get("Type", "")) for each in (template.get("Resources") or {}).values()}
        if lacking := sorted(name for name in types if not has_type(region, name)):
            raise ValueError(f"Template format error: Unrecognized resource types: [{', '.join(lacking)}]")
        support(template, conditions, params)

    for module in (engine, handlers, changesets):
        module.validate_template_support = validate
