"""Labeling jobs on the local cloud: made by the command line, worked on by people, ended by what the table tells.

People act on the store as their functions do; the pairs of users' functions are functions of Lambda's.
"""

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aws_cdk
import pytest

from app import build
from labels.task import Answer
from labels.tree import load
from localcloud.cdk import Cdk
from stacks.labeling_settings import Labeling as Settings
from stacks.settings import Feature
from task_store.contents import Contents
from task_store.store import Store
from task_store.table import TaskTable
from tests.checks.upgrade.conftest import Platform
from tests.environments import DEV
from tests.lambda_.labeling.functions import moods
from tests.lambda_.labeling.requests import classes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
PEOPLE = ("ada", "bea", "cyd")
BEFORE, AFTER = (f"arn:aws:lambda:eu-west-1:111111111111:function:{name}" for name in ("before", "after"))
TEAM = "arn:aws:sagemaker:eu-west-1:111111111111:workteam/private-crowd/birds"
PAGE = '<crowd-form><crowd-classifier name="{}" categories="[]"></crowd-classifier></crowd-form>'


def told(name: str) -> dict[str, Any]:
    """Return what the table tells of a job."""
    return {"Records": [{"dynamodb": {"Keys": {"PK": {"S": "JOBS"}, "SK": {"S": f"JOB#{name}"}}}}]}


@dataclass
class Labeling:
    """A platform with labeling, and who uses it."""

    here: Platform

    @property
    def bucket(self) -> str:
        return self.here.output("dev-storage", "DataBucketName")

    @property
    def store(self) -> Store:
        table = TaskTable(self.here.client("dynamodb"), self.here.output("dev-labeling", "LabelingTableName"))
        return Store(table, Contents(self.here.client("s3"), self.bucket), lambda: int(time.time()))

    def put(self, key: str, text: str) -> str:
        self.here.client("s3").put_object(Bucket=self.bucket, Key=key, Body=text.encode())
        return f"s3://{self.bucket}/{key}"

    def request(self, name: str, count: int, before: str, after: str, answer: str, **members: Any) -> dict[str, Any]:
        """Return the request of a job about so many texts, whose files are there."""
        lines = "".join(json.dumps({"source": f"text {number}", "id": number}) + "\n" for number in range(count))
        page = self.put(f"labeling/{name}.liquid.html", PAGE.format(answer))
        categories = json.dumps({"labels": [{"label": "happy"}, {"label": "sad"}]})
        people = {"UiConfig": {"UiTemplateS3Uri": page}, "WorkteamArn": TEAM}
        manifest = {"ManifestS3Uri": self.put(f"labeling/{name}.manifest", lines)}
        return (
            classes(before, after, **people)
            | {
                "LabelingJobName": name,
                "InputConfig": {"DataSource": {"S3DataSource": manifest}},
                "OutputConfig": {"S3OutputPath": f"s3://{self.bucket}/labeling/out"},
                "LabelCategoryConfigS3Uri": self.put(f"labeling/{name}.categories.json", categories),
            }
            | members
        )

    def create(self, folder: Path, request: dict[str, Any]) -> str:
        """Make a job by the command line, and wait until people are asked; return its name."""
        file = folder / "request.json"
        file.write_text(json.dumps(request))
        name = str(self.here.done("labels", "create", str(file))["job"])
        self.until(lambda: self.stages(name).get("open", 0) > 0)
        return name

    def stages(self, name: str) -> dict[str, int]:
        return dict(self.here.done("labels", "progress", name)["Stages"])

    def work(self, name: str, say: Callable[[str, str], dict[str, Any]], most: int = 1000) -> int:
        """Let everybody answer what they are given; return how many answers that were."""
        store, done = self.store, 0
        job = store.job(name)
        for person in PEOPLE:
            mine = 0
            while mine < most and (given := store.next(job, person, min(5, most - mine))):
                for identity in given:
                    store.act(
                        job, identity, person, Answer(f"{person}-{identity}", json.dumps(say(person, identity)), 2)
                    )
                    mine += 1
            done += mine
        return done

    def until(self, true: Callable[[], bool], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, "it does not go on"
            time.sleep(0.3)

    def fetch(self, name: str, folder: Path) -> Path:
        """Copy the tree of a job."""
        s3, prefix = self.here.client("s3"), f"labeling/out/{name}/"
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix):
            for each in page.get("Contents", ()):
                file = folder / name / each["Key"].removeprefix(prefix)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(s3.get_object(Bucket=self.bucket, Key=each["Key"])["Body"].read())
        return folder / name

    def twice(self, part: str, name: str) -> None:
        """Have a function told of a job once more than the table does."""
        found = self.here.client("lambda").list_functions()["Functions"]
        (function,) = [
            each["FunctionName"] for each in found if each["FunctionName"].startswith(f"dev-labeling-Service{part}")
        ]
        answer = self.here.client("lambda").invoke(FunctionName=function, Payload=json.dumps(told(name)).encode())
        assert "FunctionError" not in answer, answer["Payload"].read()


@pytest.fixture(scope="module")
def labeling(tmp_path_factory: pytest.TempPathFactory, cdk_context: dict[str, Any]) -> Iterator[Labeling]:
    here = Platform(tmp_path_factory.mktemp("labeling"))
    here.local.up(account=DEV.account)
    try:
        Cdk(here.variables, assembly=here.folder).bootstrap(DEV.account, DEV.region)
        app = aws_cdk.App(outdir=str(tmp_path_factory.mktemp("assembly")), context=cdk_context)
        settings = Settings(workteams=("birds", "annotators"), functions=(BEFORE, AFTER), streams=("birds",))
        build(app, [replace(DEV, systems=(), features=frozenset({Feature.LABELING}), labeling=settings)])
        here.cdk(Path(app.synth().directory) / "assembly-dev", "deploy", "dev/*")
        yield Labeling(here)
    finally:
        here.local.down()


@pytest.fixture(scope="module")
def users(labeling: Labeling) -> None:
    """The users' two functions, by the names that the environment lists."""
    source = io.BytesIO()
    with zipfile.ZipFile(source, "w") as archive:
        archive.write(Path(moods.__file__ or ""), "moods.py")
    iam, client = labeling.here.client("iam"), labeling.here.client("lambda")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="users", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    read = {"Effect": "Allow", "Action": ["s3:GetObject", "kms:Decrypt"], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [read]})
    iam.put_role_policy(RoleName="users", PolicyName="read", PolicyDocument=policy)
    for name in ("before", "after"):
        client.create_function(
            FunctionName=name,
            Runtime="python3.14",
            Role=role,
            Handler=f"moods.{name}",
            Code={"ZipFile": source.getvalue()},
            Timeout=30,
        )


def truth(identity: str) -> str:
    return "happy" if int(identity) % 3 else "sad"


@pytest.mark.end_to_end
def test_a_job_of_a_built_in_type(labeling: Labeling, tmp_path: Path) -> None:
    request = labeling.request("texts", 12, "TextMultiClass", "TextMultiClass", "kind")
    name = labeling.create(tmp_path, request)
    assert [job.name for job in labeling.store.jobs_of_team("birds")] == ["texts"]
    labeling.twice("Prepare", name)
    why = labeling.here.done("labels", "why", name, "3")["Objects"]
    [said] = why
    assert said["Sentence"].startswith("It has 0 of 3 answers: 3 places are free until ")
    wrong = {"cyd": {"0", "5"}}
    other = {"happy": "sad", "sad": "happy"}

    def say(person: str, identity: str) -> dict[str, Any]:
        right = truth(identity)
        return {"kind": {"label": other[right] if identity in wrong.get(person, ()) else right}}

    assert labeling.work(name, say) == 36
    found = labeling.here.done("labels", "wait", name, "--timeout", "120")
    assert (found["LabelingJobStatus"], found["LabelCounters"]["HumanLabeled"]) == ("Completed", 12)
    labeling.twice("Finish", name)
    folder = labeling.fetch(name, tmp_path)
    tree = load(folder)
    assert sum(len(given) for given in tree.answers.values()) == 36
    lines = (folder / "manifests/output/output.manifest").read_text().splitlines()
    assert [json.loads(line)["kind-metadata"]["class-name"] for line in lines] == [truth(str(n)) for n in range(12)]
    quality = labeling.here.done("labels", "quality", str(folder), "--output", str(tmp_path / "report"))
    assert len(quality["people"]) == 3
    assert labeling.here.done("labels", "list")["jobs"][0]["LabelingJobName"] == name


@pytest.mark.usefixtures("users")
@pytest.mark.end_to_end
def test_a_job_with_users_functions_while_calls_fail(labeling: Labeling, tmp_path: Path) -> None:
    request = labeling.request("moods", 8, BEFORE, AFTER, "mood")
    name = labeling.create(tmp_path, request)
    labeling.here.done("local", "fail", "s3:PutObject", "--with", "deny", "--times", "2", "--by", "Finish")
    assert labeling.work(name, lambda _, identity: {"mood": {"label": truth(identity)}}) == 24
    found = labeling.here.done("labels", "wait", name, "--timeout", "180")
    labeling.here.done("local", "fail", "clear")
    assert (found["LabelingJobStatus"], found["LabelCounters"]["HumanLabeled"]) == ("Completed", 8)
    folder = labeling.fetch(name, tmp_path)
    lines = [json.loads(line) for line in (folder / "manifests/output/output.manifest").read_text().splitlines()]
    assert [(line["kind"]["label"], line["kind"]["votes"]) for line in lines] == [(truth(str(n)), 3) for n in range(8)]
    assert lines[0]["kind-metadata"]["type"] == "groundtruth/custom"
    asked = json.loads(
        next((folder / "annotations/consolidated-annotation/consolidation-request").rglob("*.json")).read_text()
    )
    assert [each["datasetObjectId"] for each in asked] == [str(number) for number in range(8)]


@pytest.mark.end_to_end
def test_a_job_that_is_stopped_in_the_middle_keeps_what_there_is(labeling: Labeling, tmp_path: Path) -> None:
    request = labeling.request("halved", 6, "TextMultiClass", "TextMultiClass", "kind")
    request["HumanTaskConfig"] |= {"NumberOfHumanWorkersPerDataObject": 1}
    name = labeling.create(tmp_path, request)
    answered = labeling.work(name, lambda _, identity: {"kind": {"label": truth(identity)}}, most=1)
    assert answered == 3
    labeling.here.done("labels", "stop", name)
    found = labeling.here.done("labels", "wait", name, "--timeout", "120")
    assert found["LabelingJobStatus"] == "Stopped"
    counters = found["LabelCounters"]
    assert (counters["HumanLabeled"], counters["FailedNonRetryableError"]) == (3, 3)
    said = labeling.here.done("labels", "why", name)["Objects"]
    assert {each["Sentence"] for each in said} == {
        "It has no label: the job was stopped; a new job of its line asks again."
    }


@pytest.mark.end_to_end
def test_what_is_refused_says_why_and_leaves_nothing(labeling: Labeling, tmp_path: Path) -> None:
    request = labeling.request("refused", 2, "TextMultiClass", "TextMultiClass", "kind")
    labeling.put("labeling/refused.liquid.html", '<script src="https://evil.example.com/x.js"></script>')
    file = tmp_path / "request.json"
    file.write_text(json.dumps(request))
    done = labeling.here.mdlc("labels", "create", str(file))
    assert (done.code, "loads something from evil.example.com" in done.said) == (2, True)
    assert labeling.here.mdlc("labels", "describe", "refused").code == 2
