"""Images of SageMaker's built-in algorithms, which AWS keeps in a registry account of its own in every region."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

KNN_ACCOUNTS: Mapping[str, str] = {
    "af-south-1": "455444449433",
    "ap-east-1": "286214385809",
    "ap-northeast-1": "351501993468",
    "ap-northeast-2": "835164637446",
    "ap-northeast-3": "867004704886",
    "ap-south-1": "991648021394",
    "ap-south-2": "628508329040",
    "ap-southeast-1": "475088953585",
    "ap-southeast-2": "712309505854",
    "ap-southeast-3": "951798379941",
    "ap-southeast-4": "106583098589",
    "ca-central-1": "469771592824",
    "ca-west-1": "190319476487",
    "cn-north-1": "390948362332",
    "cn-northwest-1": "387376663083",
    "eu-central-1": "664544806723",
    "eu-central-2": "680994064768",
    "eu-north-1": "669576153137",
    "eu-south-1": "257386234256",
    "eu-south-2": "104374241257",
    "eu-west-1": "438346466558",
    "eu-west-2": "644912444149",
    "eu-west-3": "749696950732",
    "il-central-1": "898809789911",
    "me-central-1": "272398656194",
    "me-south-1": "249704162688",
    "sa-east-1": "855470959533",
    "us-east-1": "382416733822",
    "us-east-2": "404615174143",
    "us-gov-east-1": "237065988967",
    "us-gov-west-1": "226302683700",
    "us-west-1": "632365934929",
    "us-west-2": "174872318107",
}
"""Source: developer guide, "Docker Registry Paths and Example Code"; SageMaker Python SDK of 2026-08, `knn.json`."""


class BuiltInKnn:
    """The image of the built-in algorithm k-NN in the region of `scope`'s stack."""

    def __init__(self, scope: Construct) -> None:
        self._stack = cdk.Stack.of(scope)
        region = self._stack.region
        if cdk.Token.is_unresolved(region):
            raise ValueError("The registry of the built-in k-NN depends on the region: give the stack one.")
        if region not in KNN_ACCOUNTS:
            raise ValueError(f"{region} has no registry of the built-in k-NN that is known: use the image of our own.")
        self._account = KNN_ACCOUNTS[region]
        self.uri = f"{self._account}.dkr.ecr.{region}.{self._stack.url_suffix}/knn:1"

    @property
    def _repository(self) -> str:
        return self._stack.format_arn(service="ecr", account=self._account, resource="repository", resource_name="knn")

    def grant_look_up(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` look up its digest in AWS's registry."""
        iam.Grant.add_to_principal(grantee=grantee, actions=["ecr:DescribeImages"], resource_arns=[self._repository])

    def grant_pull(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` pull it from AWS's registry."""
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            resource_arns=[self._repository],
        )
        iam.Grant.add_to_principal(grantee=grantee, actions=["ecr:GetAuthorizationToken"], resource_arns=["*"])
