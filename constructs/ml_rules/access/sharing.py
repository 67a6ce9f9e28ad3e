"""Rules of what is shared by a policy of its own: who only reads it does not change it, nor who may."""

import re
from collections.abc import Iterator
from typing import Final

from ml_rules import policies
from ml_rules.access.rights import danger
from ml_rules.rule import rule
from ml_rules.templates import Resource, Templates

Found = Iterator[tuple[Resource, str]]

_WRITES: Final = {
    "ecr:putimage": "push images",
    "ecr:batchdeleteimage": "delete images",
    "codeartifact:publishpackageversion": "publish packages",
    "codeartifact:copypackageversions": "publish packages",
    "codeartifact:deletepackageversions": "delete packages",
    "codeartifact:updatepackageversionsstatus": "unlist packages",
}
_READS: Final = {"ecr:getdownloadurlforlayer", "codeartifact:readfromrepository"}
_APPROVES: Final = {"sagemaker:updatemodelpackage", "sagemaker:createmodelpackage", "sagemaker:deletemodelpackage"}
_ROUTES: Final = {"events:puttargets", "events:putrule", "events:removetargets", "events:deleterule", "events:*"}
_USES: Final = re.compile(r"kms:(decrypt|encrypt|reencrypt.*|generatedatakey.*|sign|generatemac)", re.IGNORECASE)
_ADMINISTERS: Final = re.compile(
    r"kms:(putkeypolicy|(enable|disable)key.*|schedulekeydeletion|cancelkeydeletion|(un)?tagresource|updatekeydescription"
    r"|updateprimaryregion|replicatekey|deleteimportedkeymaterial|importkeymaterial)",
    re.IGNORECASE,
)
"""Actions of who administers keys, and of who uses them (KMS guide, "Default key policy")."""


@rule
def written_by_its_owner(templates: Templates) -> Found:
    """Who takes images, packages, models or events from here does not change them: that is for who made them."""
    for resource, statement in policies.resource_based(templates):
        actions = {action.lower() for action in statement.actions} if statement.allows else set()
        named = "aws:principalarn" in statement.required
        for action in sorted(actions & _WRITES.keys()):
            if actions & _READS:
                yield resource, f"Who takes from it may {_WRITES[action]} too."
            elif not named and any(each == "*" or each.endswith(":root") for each in statement.principals):
                yield resource, f"Whole accounts may {_WRITES[action]}: no role is named."
        if actions & _APPROVES and "sagemaker:modelapprovalstatus" not in statement.required:
            yield resource, "Who deploys models from it may approve them."
        if actions & _ROUTES and resource.type == "AWS::Events::EventBusPolicy":
            yield resource, "Others may send its events where they like."


@rule
def shared_without_rights(templates: Templates) -> Found:
    """The policy of a resource gives nobody but its account the right to change who may use it."""
    for resource, statement in policies.resource_based(templates):
        if resource.type == "AWS::KMS::Key" or not statement.allows:
            continue
        for action in statement.actions:
            if why := danger(action):
                yield resource, f"It allows {action}: {why}."


@rule
def key_duties(templates: Templates) -> Found:
    """Who administers a key does not decrypt with it, and who decrypts with it does not administer it."""
    for key in templates.of("AWS::KMS::Key"):
        uses: set[str] = set()
        administers: set[str] = set()
        for statement in policies.read(key.get("KeyPolicy")) if key.get("KeyPolicy") else ():
            who = {name for name in statement.principals if not name.endswith(":root")} if statement.allows else set()
            uses |= who if any(map(_USES.fullmatch, statement.actions)) else set()
            administers |= who if any(map(_ADMINISTERS.fullmatch, statement.actions)) else set()
        for name in sorted(uses & administers):
            yield key, f"{name} both administers it and reads what it encrypts."


RULES: Final = (written_by_its_owner, shared_without_rights, key_duties)
