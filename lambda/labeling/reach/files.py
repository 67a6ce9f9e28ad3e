"""Files that requests of labeling jobs name by their S3 URIs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from reach.settings import OUTPUT

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

URI: Final = "s3://"
_MISSING: Final = frozenset({"404", "NoSuchKey", "NotFound", "AccessDenied", "403", "InvalidObjectState"})


class FileError(ValueError):
    """A file that a job cannot read, or a place that it may not write to; one sentence."""


class Files:
    """The files of an environment's data bucket that its jobs may reach: in `labeling`, and to read in `inputs`."""

    def __init__(self, s3: "S3Client", bucket: str, inputs: Sequence[str]) -> None:
        self._s3, self._bucket, self._inputs = s3, bucket, (OUTPUT, *inputs)

    def read(self, uri: str, what: str, most: int) -> str:
        """Return a text of at most so many bytes; `what` it is to the one who named it. Raises FileError."""
        key = self._key(uri, what, self._inputs)
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            raise self._unreadable(error, uri, what) from error
        if answer["ContentLength"] > most:
            raise FileError(f"{what} {uri} has {answer['ContentLength']:,} bytes: {most:,} are the most.")
        try:
            return answer["Body"].read().decode()
        except UnicodeDecodeError as error:
            raise FileError(f"{what} {uri} is no text in UTF-8: {error}.") from error

    def require(self, uri: str, what: str) -> None:
        """Refuse a file that is not there. Raises FileError."""
        key = self._key(uri, what, self._inputs)
        try:
            self._s3.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            raise self._unreadable(error, uri, what) from error

    def require_output(self, uri: str) -> None:
        """Refuse a folder that jobs do not write to. Raises FileError."""
        self._key(f"{uri.rstrip('/')}/", "OutputConfig.S3OutputPath", (OUTPUT,))

    def write(self, uri: str, text: str) -> None:
        """Write a text into the folder of a job."""
        key = self._key(uri, "The output", (OUTPUT,))
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=text.encode(), ContentType="application/json")

    def _key(self, uri: str, what: str, folders: Sequence[str]) -> str:
        bucket, _, key = uri.removeprefix(URI).partition("/")
        if (
            not uri.startswith(URI)
            or bucket != self._bucket
            or not key.startswith(tuple(f"{each}/" for each in folders))
        ):
            places = " or ".join(f"{URI}{self._bucket}/{each}/" for each in folders)
            raise FileError(f"{what} is {uri}, where jobs of this environment reach nothing: put it below {places}.")
        return key

    @staticmethod
    def _unreadable(error: ClientError, uri: str, what: str) -> Exception:
        """Return what to raise: only what the one who named the file can mend is theirs."""
        if error.response["Error"].get("Code") in _MISSING:
            return FileError(f"{what} {uri} is not there, or cannot be read: look at its name.")
        return error
