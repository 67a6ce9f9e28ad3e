"""Resources that CloudFormation replaces for another tag."""

import aws_cdk as cdk


def keep_untagged(resource: cdk.CfnResource, *, member: str = "Tags") -> None:
    """Keep tags of the app and its stacks off `resource`: a new tag would replace it, which under its name fails.

    `member` is what the type calls its tags. Source: CloudFormation's registry schemas, `createOnlyProperties`.
    """
    resource.add_property_deletion_override(member)
