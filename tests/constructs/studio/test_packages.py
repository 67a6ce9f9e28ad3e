import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from ml_constructs.foundation.logs import LogSettings
from ml_constructs.foundation.roles import sagemaker_role
from ml_constructs.network.closed_network import ClosedNetwork
from ml_constructs.studio.packages import PackageSource

ACCOUNT = {"AWS": "arn:aws:iam::111122223333:root"}


@pytest.fixture
def reader(stack: cdk.Stack) -> iam.Role:
    """Who installs packages."""
    role = sagemaker_role(stack, "Reader", description="Installs packages")
    source = PackageSource(stack, "Packages", name="dev-packages", removal_policy=cdk.RemovalPolicy.DESTROY)
    source.grant_read(role)
    return role


def test_a_repository_fetches_from_pypi_for_this_account_alone(stack: cdk.Stack, reader: iam.Role) -> None:
    del reader
    template = Template.from_stack(stack)
    (domain,) = template.find_resources("AWS::CodeArtifact::Domain").values()
    (repository,) = template.find_resources("AWS::CodeArtifact::Repository").values()
    assert domain["Properties"]["EncryptionKey"]["Fn::GetAtt"][0].startswith("PackagesKey")
    assert repository["Properties"]["ExternalConnections"] == ["public:pypi"]
    assert repository["DependsOn"], "a domain goes only when it is empty"
    for resource in (domain, repository):
        (statement,) = resource["Properties"]["PermissionsPolicyDocument"]["Statement"]
        assert statement["Principal"] == ACCOUNT
        assert resource["DeletionPolicy"] == "Delete"


def test_who_reads_from_inside_a_network_has_the_two_endpoints(
    stack: cdk.Stack, reader: iam.Role, logs: LogSettings
) -> None:
    """As the CodeArtifact user guide has it: both, and no S3 endpoint for Python packages."""
    network = ClosedNetwork(
        stack, "Network", cidr="10.0.0.0/20", zones=["eu-west-1a", "eu-west-1b"], buckets=[], logs=logs
    )
    network.placement("Apps", description="Apps").admit(reader)
    network.connect()
    found = Template.from_stack(stack).find_resources("AWS::EC2::VPCEndpoint")
    interfaces = [e["Properties"] for e in found.values() if e["Properties"]["VpcEndpointType"] == "Interface"]
    assert {each["ServiceName"].partition("eu-west-1.")[2] for each in interfaces} == {
        "codeartifact.api",
        "codeartifact.repositories",
    }
