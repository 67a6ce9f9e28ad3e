"""All containers of one endpoint configuration: its variants, their weights, their health."""

import logging
import random
import shutil
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from localsagemaker.errors import ServiceError
from localsagemaker.hosting.deployment import Container, Deployment, Variant
from localsagemaker.hosting.model_server import FAILED_PINGS, GRACE_S, ModelServer, wait_healthy
from localsagemaker.jobs.artifacts import ArchiveError, unpack
from localsagemaker.jobs.channels import InputError, Source, fetch, normal
from localsagemaker.kernel.host import Host, Scope
from localsagemaker.kernel.log_stream import LogStream
from localsagemaker.kernel.resources import now

logger = logging.getLogger(__name__)

CHECK_S = 1.0
ACCEPTS_PORT = "com.amazonaws.sagemaker.capabilities.accept-bind-to-port"


class FleetFailed(Exception):  # noqa: N818 - the field's term
    """The containers of a fleet did not come into service; the message is a FailureReason."""


class Fleet:
    """The running containers of one deployment."""

    def __init__(  # noqa: PLR0913 - keyword-only
        self,
        deployment: Deployment,
        planned: Sequence[Variant],
        *,
        endpoint: str,
        scope: Scope,
        host: Host,
        folder: Path,
    ) -> None:
        """Take `folder` for this fleet alone, which removes it."""
        self.deployment = deployment
        self.variants = {variant.name: variant for variant in planned}
        self.servers: dict[str, list[ModelServer]] = {}
        self._endpoint = endpoint
        self._scope = scope
        self._host = host
        self._folder = folder
        self._ended = threading.Event()
        self._logs: list[LogStream] = []
        self._grants: list[str] = []
        self._resolved = now()
        self._requests = 0
        self._quiet = threading.Condition()

    def start(self) -> None:
        """Download the models, start all containers and wait for their health; FleetFailed says what went wrong."""
        self._open_volumes()
        for variant in self.variants.values():
            self.servers[variant.name] = [
                self._server(variant, container, index) for index, container in enumerate(variant.containers, 1)
            ]
        everyone = [(variant, server) for variant in self.variants.values() for server in self.servers[variant.name]]
        for _, server in everyone:
            server.start()
        with ThreadPoolExecutor(len(everyone)) as pool:
            problems = list(pool.map(self._wait, everyone))
        self._flush()
        for (variant, _), problem in zip(everyone, problems, strict=True):
            if problem:
                raise FleetFailed(
                    f"The primary container for production variant {variant.name} did not pass the ping health check. "
                    f"Please check CloudWatch logs for this endpoint. {problem}"
                )
        if self._ended.is_set():
            raise FleetFailed("The deployment was ended before its containers came into service.")
        threading.Thread(target=self._supervise, name=f"fleet-{self._endpoint}", daemon=True).start()

    def choose(self, target: str | None = None) -> Variant:
        """Return the target variant, or one at random by weight; ServiceError `ValidationError` when there is none."""
        if target is not None:
            if target not in self.variants:
                raise ServiceError("ValidationError", f"Variant {target} does not exist on endpoint {self._endpoint}.")
            return self.variants[target]
        candidates = list(self.variants.values())
        weights = [variant.weight for variant in candidates]
        if not any(weights):
            raise ServiceError("ValidationError", f"Endpoint {self._endpoint} has no variant with a weight above 0.")
        return random.choices(candidates, weights)[0]  # noqa: S311 - it shares out traffic

    def summaries(self) -> list[dict[str, Any]]:
        """ProductionVariants, as DescribeEndpoint shows them."""
        return [
            {
                "VariantName": variant.name,
                "DeployedImages": [
                    {
                        "SpecifiedImage": container.image.uri,
                        "ResolvedImage": f"{container.image.uri.rsplit(':', 1)[0]}@{container.image.digest}",
                        "ResolutionTime": self._resolved,
                    }
                    for container in variant.containers
                ],
                "CurrentWeight": variant.weight,
                "DesiredWeight": variant.weight,
                "CurrentInstanceCount": variant.instances,
                "DesiredInstanceCount": variant.instances,
            }
            for variant in self.variants.values()
        ]

    def begin(self) -> None:
        """Count a request as under way."""
        with self._quiet:
            self._requests += 1

    def done(self) -> None:
        """Count a request as answered."""
        with self._quiet:
            self._requests -= 1
            self._quiet.notify_all()

    def drain(self, limit_s: float) -> None:
        """Wait until no request is under way, at most `limit_s` seconds."""
        with self._quiet:
            self._quiet.wait_for(lambda: not self._requests, limit_s)

    def stop(self, grace: float = GRACE_S) -> None:
        """End all containers, all at once, and wait for them."""
        self._ended.set()
        servers = [server for each in self.servers.values() for server in each]
        if servers:
            with ThreadPoolExecutor(len(servers)) as pool:
                list(pool.map(lambda server: server.stop(grace), servers))
        self._flush()
        for grant in self._grants:
            self._host.retire_grant(grant)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _open_volumes(self) -> None:
        """Make the grants of the volumes under the configuration's key; they are retired with the fleet.

        Source: SageMaker API reference, DeleteEndpoint: "SageMaker retires any custom KMS key grants associated with
        the endpoint".
        """
        if key := self.deployment.config.get("KmsKeyId"):
            for variant in self.variants.values():
                try:
                    grant = self._host.grant_volume(self._scope, variant.model["ExecutionRoleArn"], key)
                except ServiceError as error:
                    raise FleetFailed(f"The volumes of variant {variant.name} cannot be opened. {error}") from error
                self._grants.append(grant)

    def _flush(self) -> None:
        for log in self._logs:
            log.flush()

    def _wait(self, member: tuple[Variant, ModelServer]) -> str | None:
        variant, server = member
        return wait_healthy(server, variant.startup_s, self._ended)

    def _server(self, variant: Variant, container: Container, index: int) -> ModelServer:
        base_dir = self._folder / f"{variant.name}-{index}"
        log = LogStream(
            self._host, self._scope, f"/aws/sagemaker/Endpoints/{self._endpoint}", f"{variant.name}/local-{index}"
        )
        self._logs.append(log)
        log.write(f"variant {variant.name}: {variant.instances} instance(s) wanted, one container runs on this machine")
        if container.image.labels.get(ACCEPTS_PORT) != "true":
            log.write(
                f"the image has no label {ACCEPTS_PORT}=true: it must listen on SAGEMAKER_BIND_TO_PORT all the same"
            )
        role = variant.model.get("ExecutionRoleArn", "")
        isolated = any(each.get("EnableNetworkIsolation") for each in (variant.model, self.deployment.config))
        try:
            _, credentials = self._host.assume(self._scope, role, self._endpoint)
            self._load(container, role, base_dir)
        except ArchiveError as error:
            raise FleetFailed(_no_archive(container, index, str(error))) from error
        except (ServiceError, InputError, OSError) as error:
            raise FleetFailed(_no_model(container, index, str(error))) from error
        return ModelServer(
            image=container.image,
            base_dir=base_dir,
            environment={
                "AWS_REGION": self._scope.region,
                **({} if isolated else credentials),
                **container.definition.get("Environment", {}),
            },
            isolated=isolated,
            log=log.write,
        )

    def _load(self, container: Container, role: str, base_dir: Path) -> None:
        """Bring the model data to /opt/ml/model."""
        model = base_dir / "model"
        model.mkdir(parents=True)
        uri, whole_prefix = _model_data(container.definition)
        if not uri:
            return
        store = self._host.objects(self._scope, role)
        if whole_prefix:
            fetch(store, Source(uri), model)
            return
        archive = base_dir / "model.tar.gz"
        store.download(uri, archive)
        unpack(archive, model)
        archive.unlink()

    def _supervise(self) -> None:
        """Look after the containers until the end, and send logs that wait."""
        missed: dict[int, int] = {}
        while not self._ended.wait(CHECK_S):
            for server in [server for each in self.servers.values() for server in each]:
                try:
                    missed[id(server)] = _look_after(server, missed.get(id(server), 0))
                except Exception:  # a container that cannot be started now may be the next time
                    logger.exception("a container of endpoint %s could not be started again", self._endpoint)
            self._flush()


def _look_after(server: ModelServer, missed: int) -> int:
    """Start again what ended, replace what no longer answers; how many health checks in a row it has missed."""
    code = server.exit_code
    if code is not None:
        server.log(f"the container ended with exit code {code}: it is started again")
        server.start()
        return 0
    if server.healthy():
        return 0
    if missed + 1 < FAILED_PINGS:
        return missed + 1
    server.log(f"the container did not answer {FAILED_PINGS} health checks: it is replaced")
    server.replace()
    return 0


def _model_data(definition: Mapping[str, Any]) -> tuple[str | None, bool]:
    """Where the model is, and whether that is a prefix with the model's files instead of an archive."""
    data = definition.get("ModelDataSource", {}).get("S3DataSource")
    if data:
        return normal(data["S3Uri"]), data.get("CompressionType") == "None"
    uri = definition.get("ModelDataUrl")
    return (normal(uri) if uri else None), False


def _no_model(container: Container, index: int, problem: str) -> str:
    uri, _ = _model_data(container.definition)
    return (
        f'Failed to download model data for container "container_{index}" from URL: "{uri}". Please ensure that there '
        "is an object located at the URL and that the role passed to CreateModel has permissions to download it. "
        f"{problem}"
    )


def _no_archive(container: Container, index: int, problem: str) -> str:
    uri, _ = _model_data(container.definition)
    return (
        f'Failed to extract model data archive for container "container_{index}" from URL "{uri}". Please ensure that '
        f"the object located at the URL is a valid tar.gz archive. {problem}"
    )
