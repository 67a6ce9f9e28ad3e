"""Models and endpoints, as one part of the service."""

from pathlib import Path

from localsagemaker.hosting.endpoints import Endpoints
from localsagemaker.hosting.kinds import ENDPOINT
from localsagemaker.hosting.models import Models
from localsagemaker.hosting.operations import EndpointOperations
from localsagemaker.hosting.permissions import PERMISSIONS
from localsagemaker.images import Images
from localsagemaker.kernel.host import Host, Scope
from localsagemaker.kernel.requests import Handler
from localsagemaker.kernel.resources import Resources
from localsagemaker.registry.packages import Registry


class Hosting:
    """Models, endpoint configurations, and endpoints with their containers."""

    permissions = PERMISSIONS

    def __init__(  # noqa: PLR0913, PLR0917 - where models come from, and where their containers run
        self, host: Host, resources: Resources, registry: Registry, images: Images, workdir: Path, time_scale: float
    ) -> None:
        self._resources = resources
        self._models = Models(host, resources, registry)
        self.endpoints = Endpoints(host, images, workdir, time_scale)

    def operations(self) -> dict[str, Handler]:
        """Return every operation on models, endpoint configurations and endpoints."""
        endpoints = EndpointOperations(self._resources, self._models, self.endpoints)
        return {**self._models.operations(), **endpoints.operations()}

    def variants(self, scope: Scope, endpoint: str) -> list[str]:
        """Return the names of the production variants of an endpoint; none when there is no such endpoint."""
        record = self._resources.find(ENDPOINT, scope, endpoint)
        return [variant["VariantName"] for variant in record.get("ProductionVariants", ())] if record else []

    def close(self) -> None:
        """End every endpoint."""
        self.endpoints.close()
