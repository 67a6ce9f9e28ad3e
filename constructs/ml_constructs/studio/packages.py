"""A CodeArtifact repository, from which code inside a closed network installs Python packages."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_codeartifact as codeartifact
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

PUBLIC = "public:pypi"
REPOSITORY = "pypi"
CODEARTIFACT = "codeartifact.amazonaws.com"
READ_DOMAIN = ("codeartifact:GetAuthorizationToken",)
READ_REPOSITORY = ("codeartifact:GetRepositoryEndpoint", "codeartifact:ReadFromRepository")


class PackageSource(Construct):
    """A repository of CodeArtifact that fetches from PyPI what it does not hold, and keeps it under a key of its own.

    It is for principals of this account whose own policies allow it. Names of domains are the account's, `name` is one.
    Python packages come through the endpoints of CodeArtifact, which a closed network has for whoever is granted to
    read. Source: CodeArtifact user guide, "Connect a CodeArtifact repository to a public repository" and "Working with
    Amazon VPC endpoints".
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str, removal_policy: cdk.RemovalPolicy) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        self.key = kms.Key(
            self, "Key", description="Python packages", enable_key_rotation=True, removal_policy=removal_policy
        )
        self.domain = codeartifact.CfnDomain(
            self,
            "Domain",
            domain_name=name,
            encryption_key=self.key.key_arn,
            permissions_policy_document=self._for_this_account(*READ_DOMAIN),
        )
        self.repository = codeartifact.CfnRepository(
            self,
            "Repository",
            domain_name=name,
            repository_name=REPOSITORY,
            description="Packages of PyPI, kept when they are first asked for",
            external_connections=[PUBLIC],
            permissions_policy_document=self._for_this_account(*READ_REPOSITORY),
        )
        self.repository.node.add_dependency(self.domain)
        for resource in (self.domain, self.repository):
            resource.apply_removal_policy(removal_policy)
        self.login_script = f"aws codeartifact login --tool pip --domain {name} --repository {REPOSITORY}"
        """What makes pip install from here, for twelve hours."""
        self._domain_arn = stack.format_arn(service="codeartifact", resource="domain", resource_name=name)
        self._repository_arn = stack.format_arn(
            service="codeartifact", resource="repository", resource_name=f"{name}/{REPOSITORY}"
        )

    def grant_read(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` log in and install packages."""
        iam.Grant.add_to_principal(grantee=grantee, actions=list(READ_DOMAIN), resource_arns=[self._domain_arn])
        iam.Grant.add_to_principal(grantee=grantee, actions=list(READ_REPOSITORY), resource_arns=[self._repository_arn])
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["sts:GetServiceBearerToken"],
            resource_arns=["*"],
            conditions={"StringEquals": {"sts:AWSServiceName": CODEARTIFACT}},
        )

    def _for_this_account(self, *actions: str) -> dict[str, Any]:
        statement = iam.PolicyStatement(
            actions=list(actions), principals=[iam.AccountPrincipal(cdk.Stack.of(self).account)], resources=["*"]
        )
        document: dict[str, Any] = iam.PolicyDocument(statements=[statement]).to_json()
        return document
