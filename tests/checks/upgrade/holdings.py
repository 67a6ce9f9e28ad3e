"""What somebody keeps in an environment: put there, and read back from where it was put."""

import io
import json
import tarfile
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from experiments.signing import SignedTransport
from experiments.tracking import Tracking
from mdlc.client.aws import Cloud
from mdlc.client.waiting import until

ENVIRONMENT = "dev"
KEY = "somebody/claims.csv"
VERSIONS = (b"the first version", b"the second")
CUSTOMER = {"customer_id": "7", "city_code": "1", "state_code": "2", "country_code": "3", "EventTime": "1700000000.0"}
MODEL = "fraud/executions/somebody/model.tar.gz"
SERVED = f"{ENVIRONMENT}-fraud"
"""A model that is approved, and the endpoint that the release's own roll-out makes of it."""


class Holdings:
    """Something in each resource of an environment that holds state, by the names that the resources have now."""

    def __init__(self, cloud: Cloud, image: str) -> None:
        """`image` is what the endpoint runs."""
        self._cloud, self._image = cloud, image
        self._names: dict[str, list[str]] = defaultdict(list)
        for _, resource in cloud.resources(ENVIRONMENT):
            self._names[resource["ResourceType"]].append(resource["PhysicalResourceId"])
        (app,) = self._names["AWS::SageMaker::MlflowApp"]
        self._mlflow = Tracking(SignedTransport(cloud.session, app, cloud.endpoint))
        self._encrypted: dict[str, bytes] = {}
        self._images: dict[str, list[Any]] = {}

    def _client(self, service: str) -> Any:
        return self._cloud.session.client(service, endpoint_url=self._cloud.endpoint)  # type: ignore[call-overload]

    def put(self) -> None:
        """Put something into each."""
        cloud, sqs, kms = self._cloud, self._client("sqs"), self._client("kms")
        for bucket in self._names["AWS::S3::Bucket"]:
            for content in VERSIONS:
                cloud.s3.put_object(Bucket=bucket, Key=KEY, Body=content)
        for table in self._names["AWS::DynamoDB::Table"]:
            cloud.dynamodb.put_item(TableName=table, Item={"Key": {"S": "somebody"}, "Runs": {"N": "1"}})
        for queue in self._names["AWS::SQS::Queue"]:
            sqs.send_message(QueueUrl=queue, MessageBody="an event that somebody must look at")
        for key in self._names["AWS::KMS::Key"]:
            self._encrypted[key] = kms.encrypt(KeyId=key, Plaintext=b"a secret")["CiphertextBlob"]
        now = datetime.now(UTC)
        for group in self._names["AWS::Logs::LogGroup"]:
            stream: Any = {"logGroupName": group, "logStreamName": "somebody"}
            cloud.logs.create_log_stream(**stream)
            event: Any = {"timestamp": int(now.timestamp() * 1000), "message": "somebody was here"}
            cloud.logs.put_log_events(**stream, logEvents=[event])
        for group in self._names["AWS::SageMaker::ModelPackageGroup"]:
            self._register(group.rpartition("/")[2])
        until(
            lambda: cloud.sagemaker.list_endpoints(NameContains=SERVED, StatusEquals="InService")["Endpoints"],
            bool,
            late=lambda _: f"{SERVED} is not in service",
            timeout=120,
            interval=0.5,
        )
        record: Any = [{"FeatureName": name, "ValueAsString": value} for name, value in CUSTOMER.items()]
        cloud.records.put_record(FeatureGroupName=f"{ENVIRONMENT}-customers", Record=record)
        self._mlflow.create_run(self._mlflow.ensure_experiment("somebody").id, "a run", now, {"owner": "somebody"})

    def _register(self, group: str) -> None:
        """Register a version of a model, which waits for its approval but where it is to be served."""
        bucket = self._cloud.output(ENVIRONMENT, "ArtifactBucketName", "bucket for artifacts")
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w:gz") as tar:
            tar.addfile(tarfile.TarInfo("model.json"))
        self._cloud.s3.put_object(Bucket=bucket, Key=MODEL, Body=archive.getvalue())
        self._cloud.sagemaker.create_model_package(
            ModelPackageGroupName=group,
            InferenceSpecification={
                "Containers": [{"Image": self._image, "ModelDataUrl": f"s3://{bucket}/{MODEL}"}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
            ModelApprovalStatus="Approved" if group == SERVED else "PendingManualApproval",
        )

    def held(self) -> dict[str, Any]:
        """Read all of it back, by the name of what holds it, with the images that the release built.

        The endpoint says which process answered, so that another one would be another answer.
        """
        cloud, sqs, kms, ecr = self._cloud, self._client("sqs"), self._client("kms"), self._client("ecr")
        held: dict[str, Any] = {}
        for bucket in self._names["AWS::S3::Bucket"]:
            versions = cloud.s3.list_object_versions(Bucket=bucket, Prefix=KEY)["Versions"]
            held[bucket] = {
                cloud.s3.get_object(Bucket=bucket, Key=KEY, VersionId=version["VersionId"])["Body"].read()
                for version in versions
            }
        for table in self._names["AWS::DynamoDB::Table"]:
            held[table] = cloud.dynamodb.scan(TableName=table)["Items"]
        for queue in self._names["AWS::SQS::Queue"]:
            messages = sqs.receive_message(QueueUrl=queue, VisibilityTimeout=0)["Messages"]
            held[queue] = [message["Body"] for message in messages]
        for key, encrypted in self._encrypted.items():
            held[key] = kms.decrypt(KeyId=key, CiphertextBlob=encrypted)["Plaintext"]
        for group in self._names["AWS::Logs::LogGroup"]:
            events = cloud.logs.get_log_events(logGroupName=group, logStreamName="somebody")["events"]
            held[group] = [event["message"] for event in events]
        for group in self._names["AWS::SageMaker::ModelPackageGroup"]:
            listed = cloud.sagemaker.list_model_packages(ModelPackageGroupName=group)["ModelPackageSummaryList"]
            held[f"versions of {group}"] = [package["ModelPackageArn"] for package in listed]
        for repository in self._names["AWS::ECR::Repository"]:
            found = ecr.list_images(repositoryName=repository)["imageIds"]
            first = self._images.setdefault(repository, found)  # later ones may come beside those
            held[repository] = [image for image in first if image in found]
        held[f"answer of {SERVED}"] = json.loads(cloud.invoke(SERVED, b"1,2", "text/csv", "application/json"))
        found = cloud.records.get_record(
            FeatureGroupName=f"{ENVIRONMENT}-customers", RecordIdentifierValueAsString=CUSTOMER["customer_id"]
        )
        held["a record"] = {value["FeatureName"]: value["ValueAsString"] for value in found["Record"]}
        experiments = [experiment.id for experiment in self._mlflow.experiments("name = 'somebody'")]
        held["runs"] = [(run.name, run.tags) for run in self._mlflow.runs(experiments)]
        return held
