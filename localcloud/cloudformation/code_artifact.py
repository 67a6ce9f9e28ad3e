"""AWS::CodeArtifact types: recorded, with the ARNs that roles and policies name them by."""

from typing import Any, Final

from localcloud.cloudformation.recorded import RecordedType
from localcloud.hooks.callers import identity
from localcloud.hooks.stacks import cloudformation

NAMES: Final = {
    "AWS::CodeArtifact::Domain": ("DomainName",),
    "AWS::CodeArtifact::Repository": ("DomainName", "RepositoryName"),
}


class CodeArtifactType(RecordedType):
    """A domain or a repository; `Ref` gives its ARN."""

    def __init__(self, name: str, names: tuple[str, ...]) -> None:
        super().__init__(name)
        self._kind, self._names = name.rsplit("::", 1)[-1].lower(), names

    def create(self, logical_id: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, Any]]:
        """Give it the ARN that its names make."""
        del logical_id, stack
        account, region = identity.request_scope()
        names = [str(properties[name]) for name in self._names]
        arn = f"arn:aws:codeartifact:{region}:{account}:{self._kind}/{'/'.join(names)}"
        attributes = {"Arn": arn, "Name": names[-1], "DomainName": names[0], "Owner": account, "DomainOwner": account}
        return arn, {**attributes, "EncryptionKey": str(properties.get("EncryptionKey", ""))}

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Keep the ARN: the properties are in the stack's record."""
        del physical_id, old
        return self.create(logical_id, new, stack)


def register() -> None:
    """Record domains and repositories; another name is another resource."""
    for name, names in NAMES.items():
        cloudformation.register(name, CodeArtifactType(name, names), replacing=(*names, "EncryptionKey"))
