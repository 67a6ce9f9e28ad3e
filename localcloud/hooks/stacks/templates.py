"""Templates in MiniStack's CloudFormation: what AWS refuses is refused, and conditions know pseudo parameters."""

import json
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from ministack.services import cloudformation, ec2
from ministack.services.cloudformation import custom_resource, engine, handlers, helpers
from ministack.services.cloudformation.helpers import _p

from localcloud.hooks.stacks.cloudformation import replace
from localcloud.template import checks, conditions, mappings
from localcloud.template.functions import UNCHECKED

THERE = {
    "AWS::EC2::SecurityGroup::Id": ec2._security_groups,
    "AWS::EC2::Subnet::Id": ec2._subnets,
    "AWS::EC2::VPC::Id": ec2._vpcs,
}
"""What parameters of a type must be one of."""
LONGEST_ANSWER = 4096
"""Bytes of a custom resource's answer at most ("Custom resource response objects")."""
SECONDS = {"AWS::IAM::Role": 20, "AWS::IAM::InstanceProfile": 120}
"""How long AWS takes to make what is slow among the types that others wait for; a second for every other."""
_stack: ContextVar[str] = ContextVar("stack", default="")
_HOSTED = re.compile(
    r"https://(?P<bucket>[^/]+?)\.s3(?:\.dualstack)?(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?/(?P<key>.+)", re.DOTALL
)
Answer = tuple[int, Mapping[str, str], bytes]


def find_in_buckets() -> None:
    """Find a template or a policy of a stack at each form of address that an object of S3 has."""
    resolve = helpers._resolve_document

    def resolved(params: Mapping[str, Any], body: str, url: str, label: str) -> Any:  # noqa: ANN401 - MiniStack's
        hosted = _HOSTED.fullmatch(str(_p(params, url) or ""))
        if hosted:
            params = {**params, url: [f"https://s3.amazonaws.com/{hosted['bucket']}/{hosted['key']}"]}
        return resolve(params, body, url, label)

    helpers._resolve_document = resolved


def read_short_forms() -> None:
    """Read the short form of every function in YAML, which MiniStack knows of some: `!ValueOf` is `Fn::ValueOf`."""
    for name in UNCHECKED:
        short = name.replace("Fn::", "!")
        if short not in engine.CfnLoader.yaml_constructors:
            engine.CfnLoader.add_constructor(short, engine._construct_cfn_tag(name))


def begin_in_the_order_of_aws() -> None:
    """Make resources, one after the other, in the order in which AWS begins them side by side.

    A template may name what it does not refer to, where AWS is done with that before: roles take it longest.
    """
    sort = engine._topological_sort

    def ordered(resources: Mapping[str, Any], known: Mapping[str, bool]) -> list[str]:
        names: list[str] = sort(resources, known)
        begin: dict[str, int] = {}
        for name in names:
            waits = engine._extract_deps(resources[name], set(names)) - {name}
            ends = (begin[each] + SECONDS.get(resources[each].get("Type", ""), 1) for each in waits)
            begin[name] = max(ends, default=0)
        return sorted(names, key=lambda name: (begin[name], name))

    replace("_topological_sort", ordered)


def check_templates() -> None:
    """Refuse, before anything is made, templates and parameters that AWS refuses."""
    parse, support, resolve = engine._parse_template, engine.validate_template_support, engine._resolve_parameters

    def parsed(text: str) -> Any:  # noqa: ANN401 - MiniStack's
        written = parse(text)
        checks.check_written(written)
        return written

    def validate(written: Mapping[str, Any], known: Mapping[str, bool], params: Any = None) -> None:  # noqa: ANN401 - MiniStack's
        if not written.get("Transform"):
            checks.check(written)
        support(written, known, params)
        if params is not None:
            _check_mappings(written, known, params)
            _check_order(written["Resources"], known)

    def parameters(written: Mapping[str, Any], provided: Any, previous: Any = None) -> Any:  # noqa: ANN401 - MiniStack's
        checks.check_parameters(written, {item["Key"]: item for item in provided if "Key" in item})
        declared = checks.as_texts(written.get("Parameters") or {})
        values = resolve({**written, "Parameters": declared}, provided, previous)
        checks.check_values(declared, values, {kind: set(records) for kind, records in THERE.items()})
        return values

    replace("_parse_template", parsed)
    replace("validate_template_support", validate)
    replace("_resolve_parameters", parameters)


def _check_order(resources: Mapping[str, Any], known: Mapping[str, bool]) -> None:
    """Raise `TemplateError` for resources that wait for each other, or one for itself."""
    waits = {name: engine._extract_deps(resource, set(resources)) for name, resource in resources.items()}
    itself = sorted(name for name, names in waits.items() if name in names)
    try:
        engine._topological_sort(resources, known)
    except ValueError as error:
        itself = re.split(r"[:,] ?", str(error))[1:]
    if itself:
        raise checks.TemplateError(f"Circular dependency between resources: [{', '.join(itself)}]")


def _check_mappings(written: Mapping[str, Any], known: Mapping[str, bool], params: Mapping[str, Any]) -> None:
    found = written.get("Mappings") or {}

    def resolve(value: Any) -> Any:  # noqa: ANN401 - any value of a template
        return engine._resolve_refs(value, {}, params, {}, found, _stack.get(), "")

    mappings.check(
        written,
        known,
        lambda name: name in params or name.startswith("AWS::"),
        lambda arguments: engine.find_in_map(arguments, found, resolve),
    )


def use_pseudo_parameters() -> None:
    """Evaluate conditions with the region, the account, the partition and the stack's name."""

    def evaluate(written: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, bool]:
        found = written.get("Mappings") or {}

        def resolve(value: Any) -> Any:  # noqa: ANN401 - any value of a template
            return engine._resolve_refs(value, {}, params, {}, found, _stack.get(), "")

        return conditions.evaluate(written.get("Conditions") or {}, resolve)

    replace("_evaluate_conditions", evaluate)
    for action, handle in handlers._ACTION_HANDLERS.items():
        handlers._ACTION_HANDLERS[action] = _noting_the_stack(handle)


def limit_answers() -> None:
    """Fail a custom resource whose answer is longer than AWS takes."""
    deliver = custom_resource.deliver_response

    def limited(token: str, response: Any) -> bool:  # noqa: ANN401 - MiniStack's
        if len(json.dumps(response).encode()) > LONGEST_ANSWER:
            response = {**response, "Status": "FAILED", "Reason": "Response object is too long.", "Data": {}}
        return bool(deliver(token, response))

    custom_resource.deliver_response = limited


def _noting_the_stack(handle: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    def handled(params: Any) -> Answer:  # noqa: ANN401 - MiniStack's
        change = cloudformation._change_sets.get(_p(params, "ChangeSetName")) or {}
        name = str(_p(params, "StackName") or change.get("StackName") or "")
        token = _stack.set(name.split("/")[1] if name.startswith("arn:") else name)
        try:
            return handle(params)
        finally:
            _stack.reset(token)

    return handled
