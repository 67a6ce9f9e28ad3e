"""A place in a bucket, and the right to use it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from ml_constructs.foundation.values import Expression, Join, Value


@dataclass(frozen=True)
class Folder:
    """Objects below one prefix of a bucket: what a job reads or writes, and so what its role may touch.

    A name in `path` may be known only when the pipeline runs, such as the id of the execution.
    """

    bucket: s3.IBucket
    path: Sequence[Value]

    def __post_init__(self) -> None:
        """Refuse a folder that would be the whole bucket."""
        if not self.path:
            raise ValueError("A folder is a part of its bucket: name a prefix.")

    def __truediv__(self, name: Value) -> Self:
        """Return the folder `name` in this one."""
        return replace(self, path=[*self.path, name])

    @property
    def uri(self) -> Value:
        """`s3://bucket/prefix`, without a slash at the end."""
        values = [f"s3://{self.bucket.bucket_name}", *self.path]
        if any(isinstance(value, Expression) for value in values):
            return Join(values, on="/")
        return "/".join(str(value) for value in values)

    @property
    def objects(self) -> str:
        """ARN pattern of the objects; a name that is not known yet stands for any."""
        names = ("*" if isinstance(name, Expression) else str(name) for name in self.path)
        return self.bucket.arn_for_objects("/".join([*names, "*"]))

    def grant_read(self, grantee: iam.IGrantable, *, listing: bool = True) -> None:
        """Let `grantee` list the bucket, or without `listing` this folder alone, and read these objects."""
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["s3:ListBucket"],
            resource_arns=[self.bucket.bucket_arn],
            conditions={} if listing else {"StringLike": {"s3:prefix": "/".join([*map(str, self.path), "*"])}},
        )
        iam.Grant.add_to_principal(grantee=grantee, actions=["s3:GetObject"], resource_arns=[self.objects])
        self._grant_key(grantee, "kms:Decrypt")

    def grant_write(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` write these objects, in parts where they are large.

        S3 itself does not encrypt with `kms:Encrypt`: SageMaker asks for it where a job names the key of its output.
        """
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"],
            resource_arns=[self.objects],
        )
        self._grant_key(grantee, "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey")

    def grant_put(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` write these objects, each as a whole: who writes no parts decrypts nothing."""
        iam.Grant.add_to_principal(grantee=grantee, actions=["s3:PutObject"], resource_arns=[self.objects])
        self._grant_key(grantee, "kms:GenerateDataKey")

    def grant_synchronize(self, grantee: iam.IGrantable, *, listing: bool = True) -> None:
        """Let `grantee` keep these objects equal to a folder of its own: read, write and delete them."""
        self.grant_read(grantee, listing=listing)
        self.grant_write(grantee)
        iam.Grant.add_to_principal(grantee=grantee, actions=["s3:DeleteObject"], resource_arns=[self.objects])

    def _grant_key(self, grantee: iam.IGrantable, *actions: str) -> None:
        if self.bucket.encryption_key is not None:
            iam.Grant.add_to_principal(
                grantee=grantee, actions=list(actions), resource_arns=[self.bucket.encryption_key.key_arn]
            )
