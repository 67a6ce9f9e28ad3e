"""Container images, built inside AWS from the folder `containers/`."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct, IDependable

from ml_constructs.foundation.acknowledgment import acknowledge
from ml_constructs.foundation.logs import LogSettings
from ml_constructs.foundation.roles import service_role
from ml_constructs.functions.function import FunctionSettings, PythonFunction

SOURCE = Path(__file__).parents[3] / "containers"
SHARED = ("contract", "evaluation")  # the packages that every image has
BUILD_MINUTES = 14  # what the function that waits for it has
# SageMaker refuses OCI manifests and indexes, which newer Docker versions make by default: hence the output's type.
BUILD_UNLESS_THERE = """\
if aws ecr describe-images --repository-name "$name" --image-ids imageTag="$tag" > /dev/null; then
  echo "$IMAGE_URI is there already"
else
  aws ecr get-login-password | docker login --username AWS --password-stdin "${IMAGE_URI%%/*}" &&
  docker buildx build --provenance=false --output type=docker --file "$DOCKERFILE" --tag "$IMAGE_URI" . &&
  docker push "$IMAGE_URI"
fi"""
BUILDSPEC = {
    "version": "0.2",
    "phases": {
        "build": {
            "commands": [
                'repository="${IMAGE_URI%:*}"; name="${repository#*/}"; tag="${IMAGE_URI##*:}"',
                BUILD_UNLESS_THERE,
            ]
        }
    },
}


class ImageBuilder(Construct):
    """A CodeBuild project that builds and pushes images, and the function that CloudFormation waits with.

    It runs outside the closed network, since a build fetches its base image and packages; it sees no data. Images are
    built one after the other: a new account runs one build at a time, and each must end within the function's time.
    """

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey, logs: LogSettings) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        log_group = logs.group(self, "Logs")
        self.role = service_role(
            self,
            "Role",
            service="codebuild.amazonaws.com",
            description="Builds and pushes container images",
            source=stack.format_arn(service="codebuild", resource="project", resource_name="*"),
        )
        log_group.grant_write(self.role)
        key.grant(self.role, "kms:Decrypt", "kms:GenerateDataKey")
        self.project = codebuild.CfnProject(
            self,
            "Project",
            artifacts=codebuild.CfnProject.ArtifactsProperty(type="NO_ARTIFACTS"),
            description="Container images",
            encryption_key=key.key_arn,
            environment=codebuild.CfnProject.EnvironmentProperty(
                compute_type="BUILD_GENERAL1_SMALL",
                image="aws/codebuild/amazonlinux-x86_64-standard:5.0",
                privileged_mode=True,  # docker build
                type="LINUX_CONTAINER",
            ),
            logs_config=codebuild.CfnProject.LogsConfigProperty(
                cloud_watch_logs=codebuild.CfnProject.CloudWatchLogsConfigProperty(
                    status="ENABLED", group_name=log_group.log_group_name
                )
            ),
            service_role=self.role.role_arn,
            source=codebuild.CfnProject.SourceProperty(type="NO_SOURCE", build_spec=stack.to_json_string(BUILDSPEC)),
            timeout_in_minutes=BUILD_MINUTES,
        )
        acknowledge(
            self.project,
            CodeBuildProjectSourceRepoUrl="It builds from an asset in the account's bucket, and asks no repository.",
        )
        self._last: IDependable | None = None
        self.function = PythonFunction(
            self,
            "Waiter",
            handler="image_build.handler.handler",
            description="Starts an image build for CloudFormation and waits for it",
            environment={},
            timeout=cdk.Duration.minutes(15),
            settings=FunctionSettings(logs=logs),
        )
        iam.Grant.add_to_principal(
            grantee=self.function.role,
            actions=["codebuild:BatchGetBuilds", "codebuild:StartBuild"],
            resource_arns=[self.project.attr_arn],
        )

    def in_turn(self, build: cdk.CustomResource) -> None:
        """Let a build begin when the one that was made before it has ended."""
        if self._last is not None:
            build.node.add_dependency(self._last)
        self._last = build


class ContainerImage(Construct):
    """One image: its ECR repository, and the tag that its source is built under.

    The tag is the hash of the source, so an unchanged image is not built again and a changed one never overwrites.
    Nothing here needs Docker: `builder` builds it inside AWS while the stack is deployed. `uri` holds the hash itself,
    so that a changed image changes the templates of other stacks that use it too; they are deployed after this one.
    No image with a tag expires: versions of models name theirs by digest for as long as they may be rolled out.
    A `variant` is made by another Dockerfile of the same folder, `Dockerfile.<variant>`, into a repository of its own.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        variant: str = "",
        builder: ImageBuilder,
        key: kms.IKey,
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        dockerfile = f"{name}/Dockerfile.{variant}" if variant else f"{name}/Dockerfile"
        goes = removal_policy == cdk.RemovalPolicy.DESTROY
        self.repository = ecr.Repository(
            self,
            "Repository",
            empty_on_delete=goes,
            encryption=ecr.RepositoryEncryption.KMS,
            encryption_key=key,
            image_scan_on_push=True,
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            lifecycle_rules=[
                ecr.LifecycleRule(
                    description="Images without a tag",
                    tag_status=ecr.TagStatus.UNTAGGED,
                    max_image_age=cdk.Duration.days(1),
                )
            ],
            # a rollback could not delete one with images; without a name it is in no other deployment's way
            removal_policy=removal_policy if goes else cdk.RemovalPolicy.RETAIN,
        )
        source = s3_assets.Asset(
            self,
            "Source",
            path=str(SOURCE),
            display_name=f"Source of the {name} image",
            exclude=["/*", *(f"!/{package}" for package in (*SHARED, name)), "__pycache__"],
            ignore_mode=cdk.IgnoreMode.GIT,
        )
        self.repository.grant_pull_push(builder.role)
        self.repository.grant(builder.role, "ecr:DescribeImages")
        iam.Grant.add_to_principal(
            grantee=builder.role,
            actions=["s3:GetBucketAcl", "s3:GetBucketLocation"],
            resource_arns=[source.bucket.bucket_arn],
        )
        iam.Grant.add_to_principal(
            grantee=builder.role,
            actions=["s3:GetObject", "s3:GetObjectVersion"],
            resource_arns=[source.bucket.arn_for_objects(source.s3_object_key)],
        ).apply_before(builder.function.function)
        self.uri = self.repository.repository_uri_for_tag(source.asset_hash)
        build = builder.function.custom_resource(
            self,
            "Build",
            kind="ContainerImage",
            properties={
                "ProjectName": builder.project.ref,
                "ImageUri": self.uri,
                "SourceBucket": source.s3_bucket_name,
                "SourceKey": source.s3_object_key,
                "Dockerfile": dockerfile,
            },
        )
        build.node.add_dependency(builder.role)
        builder.in_turn(build)

    def grant_pull(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` pull the image."""
        self.repository.grant_pull(grantee)

    def grant_look_up(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` look up which digest its tag stands for."""
        self.repository.grant(grantee, "ecr:DescribeImages")
