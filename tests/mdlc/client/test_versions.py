import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest

from mdlc.client import versions
from mdlc.errors import CommandError, InputError
from tests.mdlc.fake_aws import FakeAws

FILES = ("claims.csv", "customers.csv")
CLAIMS = b"policy_id,fraud\n1,0\n"
CUSTOMERS = b"policy_id,age\n1,30\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "claims.csv").write_bytes(CLAIMS)
    (tmp_path / "customers.csv").write_bytes(CUSTOMERS)
    return tmp_path


def expected_name() -> str:
    lines = (
        f"{hashlib.sha256(CLAIMS).hexdigest()}  claims.csv\n{hashlib.sha256(CUSTOMERS).hexdigest()}  customers.csv\n"
    )
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


def test_a_version_is_named_by_its_content_alone(folder: Path) -> None:
    assert versions.read("fraud", folder, FILES).name == expected_name()
    assert versions.read("fraud", folder, tuple(reversed(FILES))).name == expected_name()
    (folder / "claims.csv").write_bytes(CLAIMS + b"2,1\n")
    assert versions.read("fraud", folder, FILES).name != expected_name()


def test_the_manifest_is_written_last_and_lists_every_file(folder: Path, aws: FakeAws) -> None:
    version = versions.read("fraud", folder, FILES)
    published = versions.publish(boto3.client("s3"), "data", version)
    prefix = f"fraud/versions/{expected_name()}/"
    assert published.created
    assert published.uri == f"s3://data/{prefix}"
    keys = [parameters["Key"] for parameters in aws.called("PutObject")]
    assert keys == [f"{prefix}claims.csv", f"{prefix}customers.csv", f"{prefix}manifest.json"]
    assert json.loads(aws.objects[f"data/{prefix}manifest.json"]) == {
        "version": expected_name(),
        "files": {
            "claims.csv": {"sha256": hashlib.sha256(CLAIMS).hexdigest(), "bytes": len(CLAIMS)},
            "customers.csv": {"sha256": hashlib.sha256(CUSTOMERS).hexdigest(), "bytes": len(CUSTOMERS)},
        },
    }


def test_publishing_again_changes_nothing(folder: Path, aws: FakeAws) -> None:
    s3, version = boto3.client("s3"), versions.read("fraud", folder, FILES)
    versions.publish(s3, "data", version)
    before = dict(aws.written)
    assert not versions.publish(s3, "data", version).created
    assert aws.written == before


def test_a_publication_that_broke_off_is_completed(folder: Path, aws: FakeAws) -> None:
    aws.objects[f"data/fraud/versions/{expected_name()}/claims.csv"] = CLAIMS
    assert versions.publish(boto3.client("s3"), "data", versions.read("fraud", folder, FILES)).created


def test_many_at_once_publish_one_version(folder: Path, aws: FakeAws) -> None:
    s3, version = boto3.client("s3"), versions.read("fraud", folder, FILES)
    with ThreadPoolExecutor(8) as pool:
        published = list(pool.map(lambda _: versions.publish(s3, "data", version), range(8)))
    assert len({result.uri for result in published}) == 1
    assert len(aws.objects) == 3


def test_foreign_content_in_the_place_of_a_version_is_never_overwritten(folder: Path, aws: FakeAws) -> None:
    key = f"data/fraud/versions/{expected_name()}/claims.csv"
    aws.objects[key] = b"other"
    with pytest.raises(CommandError, match="nothing was overwritten"):
        versions.publish(boto3.client("s3"), "data", versions.read("fraud", folder, FILES))
    assert aws.objects[key] == b"other"


def a_folder_for_a_file(folder: Path) -> None:
    (folder / "claims.csv").unlink()
    (folder / "claims.csv").mkdir()


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (lambda folder: (folder / "claims.csv").unlink(), r"has no claims\.csv: a version of fraud is claims\.csv and"),
        (lambda folder: (folder / "customers.csv").write_bytes(b""), r"customers\.csv is empty\."),
        (
            lambda folder: (folder / "claims.csv").write_bytes(b"a,b\n"),
            r"claims\.csv has one line: a data set has more\.",
        ),
        (
            lambda folder: (folder / "claims.csv").write_bytes(b"a,b\r"),
            r"claims\.csv has one line: a data set has more\.",
        ),
        (a_folder_for_a_file, r"claims\.csv is a folder: a file of that name makes up a version of fraud\."),
    ],
)
def test_a_folder_that_is_no_version_is_refused(folder: Path, break_it: Callable[[Path], None], sentence: str) -> None:
    break_it(folder)
    with pytest.raises(InputError, match=sentence):
        versions.read("fraud", folder, FILES)


def test_a_path_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a folder"):
        versions.read("fraud", tmp_path / "absent", FILES)


@pytest.mark.parametrize("content", [b"a\n1", b"a\r1", b"a\r\n1"])
def test_a_row_without_a_final_line_break_counts(folder: Path, content: bytes) -> None:
    (folder / "claims.csv").write_bytes(content)
    assert versions.read("fraud", folder, FILES).files[0].size == len(content)


def test_only_a_complete_version_is_found(folder: Path, aws: FakeAws) -> None:
    s3, version = boto3.client("s3"), versions.read("fraud", folder, FILES)
    aws.objects[f"data/{version.prefix}claims.csv"] = CLAIMS
    with pytest.raises(InputError, match="no complete version"):
        versions.find(s3, "data", "fraud", version.name)
    versions.publish(s3, "data", version)
    assert versions.find(s3, "data", "fraud", version.name) == f"s3://data/{version.prefix}"
    with pytest.raises(InputError, match="16 hexadecimal digits"):
        versions.find(s3, "data", "fraud", "../../other")


@pytest.mark.usefixtures("aws")
def test_the_latest_version_is_the_one_completed_last(folder: Path) -> None:
    s3 = boto3.client("s3")
    with pytest.raises(InputError, match="has no data yet"):
        versions.latest(s3, "data", "fraud")
    names = []
    for rows in (b"", b"2,1\n"):
        (folder / "claims.csv").write_bytes(CLAIMS + rows)
        version = versions.read("fraud", folder, FILES)
        versions.publish(s3, "data", version)
        names.append(version.name)
    assert versions.latest(s3, "data", "fraud") == names[1]
