"""What is to be labeled, where it lies: below a prefix of S3, or in a folder of this machine."""

from pathlib import Path

from labels.manifest_tools.make import Stored
from mdlc.client.aws import Cloud, split_s3_uri
from mdlc.errors import InputError


class InS3:
    """What lies below a prefix of S3."""

    def __init__(self, cloud: Cloud, prefix: str) -> None:
        self._s3 = cloud.s3
        self._bucket, self._prefix = split_s3_uri(prefix)

    def uri(self) -> str:
        """Return the URI that keys are below."""
        return f"s3://{self._bucket}"

    def objects(self) -> list[Stored]:
        """Return the objects."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        return [Stored(each["Key"], each["Size"]) for page in pages for each in page.get("Contents", [])]

    def text(self, key: str) -> str:
        """Return what an object says."""
        return _decode(key, self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read())


class InFolder:
    """What lies in a folder, and in folders of it."""

    def __init__(self, folder: Path, uri: str) -> None:
        if not folder.is_dir():
            raise InputError(f"{folder} is no folder: give one, or s3://bucket/prefix.")
        self._folder, self._uri = folder, uri

    def uri(self) -> str:
        """Return the URI that files will be below."""
        if not self._uri.startswith("s3://"):
            raise InputError("People are shown pictures from S3: say where the folder is copied to, --uri s3://….")
        return self._uri

    def objects(self) -> list[Stored]:
        """Return the files."""
        return [
            Stored(file.relative_to(self._folder).as_posix(), file.stat().st_size)
            for file in sorted(self._folder.rglob("*"))
            if file.is_file()
        ]

    def text(self, key: str) -> str:
        """Return what a file says."""
        return _decode(key, (self._folder / key).read_bytes())


def _decode(name: str, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is no UTF-8 at byte {error.start}: write it so.") from error
