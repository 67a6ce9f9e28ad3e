"""What a CodeBuild build does on this machine: build one container image from an S3 archive, and push it.

The build spec of a project is a shell script for AWS's build image. It is not run here: a project that names an image
in the environment variables IMAGE_URI and DOCKERFILE has that image built by `localsagemaker.images`, any other fails.
Source and registry are used with the project's own role, so its permissions are really needed.
"""

import hashlib
import json
import shutil
import tempfile
import zipfile
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from localcloud.hooks.callers import identity
from localcloud.hooks.compute.builds import Build
from localsagemaker.errors import ServiceError
from localsagemaker.images import BuildFailed, Images

CONFIG = "application/vnd.docker.container.image.v1+json"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
LARGEST_SOURCE = 4 * 1024**3
"""Bytes that a source may unpack to."""


class BuildError(Exception):
    """A build that cannot go on; the message says why."""


class Builds:
    """Builds images in temporary folders under `workdir`."""

    def __init__(self, endpoint: str, images: Images, workdir: Path) -> None:
        self._endpoint, self._images, self._workdir = endpoint, images, workdir

    def run(self, build: Build) -> str | None:
        """Run one build to its end and return why it failed, or None; what happens is in its log."""
        self._workdir.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=self._workdir))
        try:
            self._build(build, folder)
        except Exception as error:  # noqa: BLE001 - whatever a Dockerfile or lock can do wrong ends the build
            known = isinstance(error, BuildError | BuildFailed | ServiceError | ClientError)
            failure = str(error) if known else f"{type(error).__name__}: {error}"
            build.log(f"BUILD FAILED: {failure}")
            return failure
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return None

    def _build(self, build: Build, folder: Path) -> None:
        missing = [name for name in ("IMAGE_URI", "DOCKERFILE") if not build.environment.get(name)]
        if missing:
            raise BuildError(f"the environment variable {missing[0]} is not set; the local cloud builds images only")
        if build.source_type != "S3":
            raise BuildError(f"a source of type {build.source_type} is not provided; the local cloud builds from S3")
        uri = build.environment["IMAGE_URI"]
        registry, _, name = uri.partition("/")
        repository, _, tag = name.rpartition(":")
        if not (registry and repository and tag):
            raise BuildError(f"IMAGE_URI {uri!r} is not <registry>/<repository>:<tag>")
        session = self._session(build)
        ecr = session.client("ecr", endpoint_url=self._endpoint)
        if ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageTag": tag}])["images"]:
            build.log(f"{uri} is there already; its tag never changes")
            return
        bucket, _, key = build.source.partition("/")
        archive = folder / "source.zip"
        session.client("s3", endpoint_url=self._endpoint).download_file(bucket, key, str(archive))
        context = folder / "context"
        with zipfile.ZipFile(archive) as source:
            if sum(member.file_size for member in source.infolist()) > LARGEST_SOURCE:
                raise BuildError(f"the source unpacks to more than {LARGEST_SOURCE} bytes")
            source.extractall(context)
        image = self._images.build(context, build.environment["DOCKERFILE"], uri, build.log)
        build.log(f"built {uri}: {image.description}")
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        config = {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            "digest": f"sha256:{digest}",
            "size": 0,
        }
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []}
        ecr.put_image(
            repositoryName=repository, imageManifest=json.dumps(manifest), imageManifestMediaType=MANIFEST, imageTag=tag
        )
        build.log(f"pushed {uri}")

    @staticmethod
    def _session(build: Build) -> boto3.Session:
        context = {"aws:SourceAccount": build.project.split(":")[4], "aws:SourceArn": build.project}
        if not identity.trusts_service(build.role, "codebuild.amazonaws.com", context):
            raise BuildError(f"CodeBuild is not authorized to perform: sts:AssumeRole on service role {build.role}")
        credentials = identity.open_session(build.role, "AWSCodeBuild")
        return boto3.Session(credentials.access_key, credentials.secret_key, credentials.token, build.region)
