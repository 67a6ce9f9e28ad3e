"""A notebook on the local cloud: its bucket, its role, and what the first cells leave for the later ones.

Nothing here names the local cloud. boto3 and the SDK find it by the variables of `mdlc local env`, as they find AWS.
"""

import importlib.metadata
import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pandas as pd
import pytest
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.processing import Processor
from sagemaker.core.resources import TrainingJob
from sagemaker.train import ModelTrainer

from tests.sdk.notebook import AUC, BUCKET, NETWORK, PREPARE, SMALL, allow, channels_of, from_folder, outputs_at, policy

proofs: list[str] = []


def pytest_report_header() -> str:
    """What is proved with which version."""
    names = ("sagemaker", "sagemaker-core", "sagemaker-train", "sagemaker-serve", "sagemaker-mlops", "boto3")
    return "unmodified: " + ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.passed:
        proofs.append(report.nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " "))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("proved against the local cloud")
    terminalreporter.line(pytest_report_header())
    for proof in proofs:
        terminalreporter.line(f"✓ {proof}")


@pytest.fixture(scope="session")
def outputs() -> Mapping[str, str]:
    """Outputs of the platform's stacks: the names that a team hands to its data scientists."""
    stacks = boto3.client("cloudformation").describe_stacks()["Stacks"]
    return {
        output["OutputKey"]: output["OutputValue"]
        for stack in stacks
        if stack["StackName"].startswith("dev-")
        for output in stack.get("Outputs", ())
    }


@pytest.fixture(scope="session")
def image(outputs: Mapping[str, str]) -> str:
    """Our image for tables, in the account's registry."""
    return outputs["TabularImageUri"]


@pytest.fixture(scope="session")
def role() -> str:
    """ARN of an execution role that does what these notebooks do, and nothing more."""
    iam, account = boto3.client("iam"), boto3.client("sts").get_caller_identity()["Account"]
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    arn = str(iam.create_role(RoleName="notebook", AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"])
    pull = [f"ecr:{name}" for name in ("BatchGetImage", "GetDownloadUrlForLayer", "BatchCheckLayerAvailability")]
    logs = [f"logs:{name}" for name in ("CreateLogGroup", "CreateLogStream", "PutLogEvents", "DescribeLogStreams")]
    objects = ["s3:GetObject", "s3:PutObject", "s3:ListBucket"]
    steps = [
        f"sagemaker:{verb}{kind}Job" for verb in ("Create", "Describe", "Stop") for kind in ("Training", "Processing")
    ]
    models = [f"sagemaker:{verb}{kind}" for verb in ("Create", "Describe") for kind in ("Model", "ModelPackage")]
    statements = [
        allow(objects, f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"),
        allow(pull, f"arn:aws:ecr:*:{account}:repository/*"),
        allow(logs, f"arn:aws:logs:*:{account}:log-group:/aws/sagemaker/*"),
        allow([*steps, *models, "sagemaker:AddTags"], f"arn:aws:sagemaker:*:{account}:*"),
        allow(["iam:PassRole"], arn),
        allow(["ecr:GetAuthorizationToken", "cloudwatch:PutMetricData", *[f"ec2:{name}" for name in NETWORK]], "*"),
    ]
    iam.put_role_policy(RoleName="notebook", PolicyName="notebook", PolicyDocument=policy(*statements))
    return arn


@pytest.fixture(scope="session")
def session() -> Session:
    """The SDK's session; it makes the bucket when it first needs it."""
    session = Session(default_bucket=BUCKET)
    session.default_bucket()
    return session


@pytest.fixture(scope="session")
def data_uri(outputs: Mapping[str, str]) -> str:
    """Prefix of the data version that the team has published."""
    found = boto3.client("s3").list_objects_v2(Bucket=outputs["DataBucketName"], Prefix="fraud/versions/")
    return f"s3://{outputs['DataBucketName']}/{found['Contents'][0]['Key'].rpartition('/')[0]}"


@pytest.fixture(scope="session")
def data(data_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A local copy of that version."""
    folder, bucket = tmp_path_factory.mktemp("data"), data_uri.split("/")[2]
    for name in ("claims.csv", "customers.csv"):
        key = f"{data_uri.split('/', 3)[3]}/{name}"
        boto3.client("s3").download_file(bucket, key, str(folder / name))
    return folder


@pytest.fixture(scope="session")
def claim(data: Path) -> dict[str, Any]:
    """A claim with its customer, as the endpoint takes it."""
    table = pd.read_csv(data / "claims.csv").merge(pd.read_csv(data / "customers.csv"), on="policy_id")
    first: dict[str, Any] = json.loads(table.drop(columns="fraud").head(1).to_json(orient="records"))[0]
    return {"instances": [first]}


@pytest.fixture(scope="session")
def processor(image: str, role: str, session: Session) -> Processor:
    """The platform's first step as a processing job: claims and customers → one encoded table per channel."""
    return Processor(
        role=role,
        image_uri=image,
        entrypoint=["python", "-m", "tabular"],
        instance_count=1,
        instance_type="ml.m5.large",
        base_job_name="prepare",
        sagemaker_session=session,
    )


@pytest.fixture(scope="session")
def prepared(processor: Processor, data: Path) -> str:
    """Where the tables are that the processing job wrote: one folder per channel."""
    uri = f"s3://{BUCKET}/prepared"
    processor.run(inputs=[from_folder(str(data))], outputs=outputs_at(uri), arguments=PREPARE)
    return uri


@pytest.fixture(scope="session")
def said() -> Iterator[list[str]]:
    """What the SDK logs, which is what a notebook shows."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    logger, handler = logging.getLogger("sagemaker"), Keep()
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.INFO)
    yield lines
    logger.setLevel(level)
    logger.removeHandler(handler)


@pytest.fixture(scope="session")
def trained(image: str, role: str, session: Session, prepared: str, said: list[str]) -> TrainingJob:
    """A training job that has run, its log shown on the way."""
    del said
    trainer = ModelTrainer(
        training_image=image,
        role=role,
        sagemaker_session=session,
        base_job_name="claims",
        hyperparameters={"num_round": 20, "max_depth": 3, "eta": 0.2},
        compute=SMALL,
    ).with_metric_definitions([AUC])
    trainer.train(input_data_config=channels_of(prepared), wait=True, logs=True)
    return trainer._latest_training_job  # noqa: SLF001 - the SDK shows it nowhere else
