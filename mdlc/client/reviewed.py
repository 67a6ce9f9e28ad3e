"""What people answered in human loops, as it lies in S3, and the pictures that they answered about as data."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from mdlc.client import versions
from mdlc.client.aws import Cloud, split_s3_uri
from mdlc.errors import InputError

OUTPUT: Final = "output.json"


def outputs(cloud: Cloud, flow: str, place: str) -> Sequence[Mapping[str, Any]]:
    """Return the output of every loop of a flow definition that has one; `place` is its S3OutputPath.

    Raises InputError where there is none.
    """
    bucket, prefix = split_s3_uri(f"{place.rstrip('/')}/{flow}/")
    pages = cloud.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [each["Key"] for page in pages for each in page.get("Contents", []) if each["Key"].endswith(f"/{OUTPUT}")]
    if not keys:
        raise InputError(f"Nobody has reviewed anything of {flow} yet: mdlc reviews list {flow} shows its loops.")
    return [json.loads(cloud.read_bytes(f"s3://{bucket}/{key}")) for key in sorted(keys)]


def lay_out(cloud: Cloud, lines: Sequence[Mapping[str, Any]], attribute: str, folder: Path) -> int:
    """Write the pictures that have a class to the folders of their classes; return how many. Raises InputError."""
    count = 0
    for line in lines:
        name = line[f"{attribute}-metadata"].get("class-name")
        if name is None:
            continue
        if "source-ref" not in line:
            raise InputError(
                f"{line.get('source', 'A line')!r} is no picture: a version of pictures has none of texts."
            )
        if name.startswith(".") or "/" in name:
            raise InputError(f"{name!r} cannot name a folder: rename the class in the worker template.")
        place = folder / name / Path(split_s3_uri(line["source-ref"])[1]).name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(cloud.read_bytes(line["source-ref"]))
        count += 1
    return count


def fetch(cloud: Cloud, uri: str, folder: Path) -> None:
    """Copy the files of a published version into a folder."""
    for name in cloud.read_json(f"{uri}{versions.MANIFEST}")["files"]:
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(cloud.read_bytes(f"{uri}{name}"))
