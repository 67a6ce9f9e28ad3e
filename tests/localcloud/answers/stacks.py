"""Stacks and templates."""

import json
from typing import Any

from tests.localcloud.answers.case import Call, Case, call, refuses
from tests.localcloud.answers.sources import RECORDED

STACKS = RECORDED + "cloudformation/api/"


def template(**more: Any) -> str:
    return json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, **more})


def stack(body: str, name: str = "<id>") -> Call:
    return call("cloudformation.CreateStack", StackName=name, TemplateBody=body)


MADE = Call(
    service="cloudformation",
    operation="DescribeStacks",
    parameters={"StackName": "<id>"},
    until={"Stacks[0].StackStatus": "CREATE_COMPLETE"},
)

WRONG = "ValidationError"

TEMPLATES = (
    refuses(
        "a stack that is not there",
        STACKS
        + "test_stacks.snapshot.json: test_non_existing_stack_message: Stack with id <stack-name> does not exist",
        WRONG,
        "^Stack with id <id> does not exist$",
        call("cloudformation.DescribeStacks", StackName="<id>"),
    ),
    refuses(
        "events of a stack that is not there",
        STACKS + "test_stacks.snapshot.json: test_describe_stack_events_errors: Stack [does-not-exist] does not exist",
        WRONG,
        r"^Stack \[<id>\] does not exist$",
        call("cloudformation.DescribeStackEvents", StackName="<id>"),
    ),
    refuses(
        "a stack twice",
        STACKS
        + "test_stacks.snapshot.json: test_name_conflicts: AlreadyExistsException, Stack [<name>] already exists",
        "AlreadyExistsException",
        r"^Stack \[<id>\] already exists$",
        stack(template()),
        MADE,
        stack(template()),
    ),
    refuses(
        "an update that changes nothing",
        STACKS + "test_stacks.snapshot.json: test_update_stack_with_same_template_withoutchange: No updates are to be "
        "performed.",
        WRONG,
        r"^No updates are to be performed\.$",
        stack(template()),
        MADE,
        call("cloudformation.UpdateStack", StackName="<id>", TemplateBody=template()),
    ),
    refuses(
        "a stack named impossibly",
        STACKS + "test_stacks.snapshot.json: test_stack_name_creation: Value '*@da591fa3_$' at 'stackName' failed to "
        "satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:",
        WRONG,
        r"1 validation error detected: Value '\*@_\$' at 'stackName' failed to satisfy constraint: Member must satisfy "
        r"regular expression pattern: \[a-zA-Z\]\[-a-zA-Z0-9\]\*\|arn:",
        stack(template(), "*@_$"),
    ),
    refuses(
        "a resource that a stack lacks",
        STACKS
        + "test_stacks.snapshot.json: test_stack_resource_not_found: Resource NonExistentResource does not exist "
        "for stack <stack-name>",
        WRONG,
        "^Resource None does not exist for stack <id>$",
        stack(template()),
        MADE,
        call("cloudformation.DescribeStackResource", StackName="<id>", LogicalResourceId="None"),
    ),
    refuses(
        "delete a change set of no stack",
        STACKS + "test_changesets.snapshot.json: test_delete_change_set_exception: Stack [nostack] does not exist",
        WRONG,
        r"^Stack \[<id>\] does not exist$",
        call("cloudformation.DeleteChangeSet", StackName="<id>", ChangeSetName="none"),
    ),
    *(
        refuses(
            f"a template with {what}",
            STACKS + source,
            WRONG,
            message,
            stack(body),
        )
        for what, body, source, message in (
            (
                "no resources",
                json.dumps({"Parameters": {}}),
                (
                    "test_validations.snapshot.json: test_missing_resources_block: Template format error: At least one "
                    "Resources member must be defined."
                ),
                r"^Template format error: At least one Resources member must be defined\.$",
            ),
            (
                "a resource of no type",
                json.dumps({"Resources": {"A": {"Properties": {}}}}),
                (
                    "test_validations.snapshot.json: test_resources_blocks[missing-type]: Template format error: "
                    "[/Resources/A] Every Resources object must contain a Type member."
                ),
                r"^Template format error: \[/Resources/A\] Every Resources object must contain a Type member\.$",
            ),
            (
                "a resource with a member that is none",
                json.dumps({"Resources": {"A": {"Type": "AWS::SNS::Topic", "Invalid": {}}}}),
                (
                    "test_validations.snapshot.json: test_resources_blocks[invalid-key]: Invalid template resource "
                    "property "
                    "'Invalid'"
                ),
                "^Invalid template resource property 'Invalid'$",
            ),
            (
                "resources that are no object",
                json.dumps({"Resources": {"A": "topic"}}),
                (
                    "test_stacks.snapshot.json: test_linting_error_during_creation: Template format error: Any "
                    "Resources member must be an object."
                ),
                r"^Template format error: Any Resources member must be an object\.$",
            ),
            (
                "an output of no value",
                template(Outputs={"A": {"Description": "none"}}),
                (
                    "test_validations.snapshot.json: test_invalid_output_structure: Template format error: Every "
                    "Outputs member must contain a Value object"
                ),
                "^Template format error: Every Outputs member must contain a Value object$",
            ),
        )
    ),
    refuses(
        "a reference to nothing",
        "AWS CloudFormation user guide, Troubleshooting: Template format error: Unresolved resource dependencies […] "
        "in the Resources block of the template",
        WRONG,
        r"^Template format error: Unresolved resource dependencies \[B\] in the Resources block of the template$",
        stack(json.dumps({"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "B"}}}}})),
    ),
    refuses(
        "a parameter that is not given",
        "AWS CloudFormation user guide, Troubleshooting: Parameters: [Size] must have values",
        WRONG,
        r"^Parameters: \[Size\] must have values$",
        stack(template(Parameters={"Size": {"Type": "String"}})),
    ),
)


CASES: tuple[Case, ...] = TEMPLATES
