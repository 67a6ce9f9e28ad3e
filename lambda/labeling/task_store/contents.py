"""Texts that are too large for an item of a table, which holds 400 kB, lie in S3, and a URI stands for them."""

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LARGE: Final = 100_000
"""The most bytes of a text in an item."""
PREFIX: Final = "labeling-tasks/"
"""Nobody but the functions reads there: it has everybody's answers."""
URI: Final = "s3://"
"""How what stands for a text begins; JSON, which all texts here are, does not."""


class Contents:
    """A folder of a bucket for what people write, and for what they were too late with."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        self._s3, self._bucket = s3, bucket

    def keep(self, text: str, name: str) -> str:
        """Return what stands for a text in an item: itself, or the URI under which it was written."""
        return text if len(text.encode()) <= LARGE else self.write(text, name)

    def write(self, text: str, name: str) -> str:
        """Write a text down and return its URI."""
        key = f"{PREFIX}{name}"
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=text.encode(), ContentType="application/json")
        return f"{URI}{self._bucket}/{key}"

    def find(self, name: str) -> str | None:
        """Return the text that was written under a name; None where there is none."""
        try:
            return self.read(f"{URI}{self._bucket}/{PREFIX}{name}")
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"NoSuchKey", "AccessDenied"}:  # who may not list is not told
                raise
            return None

    def read(self, kept: str) -> str:
        """Return the text that stands in an item, or for which a URI stands there."""
        if not kept.startswith(URI):
            return kept
        bucket, _, key = kept.removeprefix(URI).partition("/")
        return self._s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
