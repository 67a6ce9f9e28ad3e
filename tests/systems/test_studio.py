"""Studio end to end on the local cloud: everybody has a place of their own, and nobody another's."""

import re
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.systems import notebook
from tests.systems.workplace import Workplace

pytestmark = [pytest.mark.slow, pytest.mark.end_to_end, pytest.mark.timeout(900)]
SCIENTIST, ENGINEER = "data-scientist", "ml-engineer"


def test_a_data_scientist_works_in_a_space_of_their_own_and_in_no_other(demo: Workplace) -> None:
    domain = demo.output("dev-studio", "StudioDomainId")
    described = demo.client("sagemaker").describe_domain(DomainId=domain)
    assert (described["Status"], described["AppNetworkAccessType"]) == ("InService", "VpcOnly")
    scientist = demo.somebody_like("dev", f"Studio user {SCIENTIST}, data scientist").client("sagemaker")
    app = {"DomainId": domain, "AppType": "JupyterLab", "AppName": "default"}
    scientist.create_app(**app, SpaceName=SCIENTIST)
    end = time.monotonic() + 120
    while (status := scientist.describe_app(**app, SpaceName=SCIENTIST)["Status"]) == "Pending":
        assert time.monotonic() < end
        time.sleep(0.5)
    assert status == "InService"
    with pytest.raises(ClientError, match="AccessDenied"):
        scientist.create_app(**app, SpaceName=ENGINEER)
    scientist.delete_app(**app, SpaceName=SCIENTIST)


def test_the_first_notebook_of_a_space_goes_from_data_to_a_prediction(demo: Workplace, tmp_path: Path) -> None:
    (first,) = notebook.start(demo, SCIENTIST, tmp_path)
    scientist = demo.somebody_like("dev", f"Studio user {SCIENTIST}, data scientist")
    before = len(demo.done("pipeline", "list", "fraud")["executions"])
    said = notebook.run(first, scientist, TRAIN=True)  # the first system that has an approved model
    assert "Systems with data: fraud, knn; with an approved model: fraud, knn. This is fraud." in said
    assert "claims.csv begins with:" in said
    assert "roc_auc" in said
    assert re.search(r"In the data it is [01]\. The model says: \{.*\"predicted_label\": [01]", said), said
    assert len(demo.done("pipeline", "list", "fraud")["executions"]) == before + 1
    said = notebook.run(first, scientist, SYSTEM="knn")
    assert re.search(r"In the data it is [012]\. The model says: ", said), said


def test_the_first_notebook_says_what_is_missing(demo: Workplace, tmp_path: Path) -> None:
    (first,) = notebook.start(demo, SCIENTIST, tmp_path)
    scientist = demo.somebody_like("dev", f"Studio user {SCIENTIST}, data scientist")
    said = notebook.run(first, scientist, SYSTEM="census")
    assert said.endswith("census has no data yet: mdlc data publish census FOLDER publishes some.\n")
    lead = demo.somebody_like("dev", "Studio user annotation-lead, annotation lead")
    said = notebook.run(first, lead)
    assert said.startswith("DescribeStacks: User: arn:aws:iam::")
    assert "is not authorized to perform: cloudformation:DescribeStacks" in said


def test_it_takes_two_people_to_bring_a_model_into_production(demo: Workplace) -> None:
    """Who starts runs approves nothing; who approves starts nothing, and changes nothing else of a version."""
    scientist = demo.somebody_like("dev", f"Studio user {SCIENTIST}, data scientist").client("sagemaker")
    engineer = demo.somebody_like("dev", f"Studio user {ENGINEER}, ML engineer").client("sagemaker")
    (package, *_) = engineer.list_model_packages(ModelPackageGroupName="dev-fraud")["ModelPackageSummaryList"]
    version = {"ModelPackageArn": package["ModelPackageArn"]}
    with pytest.raises(ClientError, match=r"AccessDenied.*UpdateModelPackage"):
        scientist.update_model_package(**version, ModelApprovalStatus="Approved")
    with pytest.raises(ClientError, match=r"AccessDenied.*StartPipelineExecution"):
        engineer.start_pipeline_execution(PipelineName="dev-fraud")
    with pytest.raises(ClientError, match=r"AccessDenied.*UpdateModelPackage"):
        engineer.update_model_package(
            **version, ModelApprovalStatus="Approved", CustomerMetadataPropertiesToRemove=["gate"]
        )
    status = package["ModelApprovalStatus"]
    engineer.update_model_package(**version, ModelApprovalStatus="Approved" if status == "Approved" else "Rejected")


def test_a_published_version_is_overwritten_by_nobody(demo: Workplace) -> None:
    """Neither by who publishes, with or without the condition that S3 asks for."""
    bucket = demo.output("dev-storage", "DataBucketName")
    scientist = demo.somebody_like("dev", f"Studio user {SCIENTIST}, data scientist").client("s3")
    listed = scientist.list_objects_v2(Bucket=bucket, Prefix="fraud/versions/")["Contents"]
    manifest = next(each["Key"] for each in listed if each["Key"].endswith("manifest.json"))
    with pytest.raises(ClientError, match="AccessDenied"):
        scientist.put_object(Bucket=bucket, Key=manifest, Body=b"{}")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        scientist.put_object(Bucket=bucket, Key=manifest, Body=b"{}", IfNoneMatch="*")
    new = f"fraud/versions/{'0' * 16}/claims.csv"
    scientist.put_object(Bucket=bucket, Key=new, Body=b"a,b\n1,2\n", IfNoneMatch="*")
    demo.client("s3").delete_object(Bucket=bucket, Key=new)
