"""The feature store, as one part of the service."""

from pathlib import Path

from localsagemaker.feature_store.groups import FeatureGroups
from localsagemaker.feature_store.permissions import PERMISSIONS
from localsagemaker.feature_store.runtime import FeatureStoreRuntime
from localsagemaker.feature_store.search import Search
from localsagemaker.feature_store.stores import Stores
from localsagemaker.kernel.authorization import Authorizer
from localsagemaker.kernel.host import Host
from localsagemaker.kernel.requests import Handler
from localsagemaker.kernel.resources import Resources


class FeatureStore:
    """Feature groups, their search, and the runtime that puts and gets their records."""

    permissions = PERMISSIONS

    def __init__(
        self, host: Host, resources: Resources, authorizer: Authorizer, workdir: Path, time_scale: float
    ) -> None:
        self._stores = Stores(host, workdir, time_scale)
        self._groups, self._search = FeatureGroups(host, resources, self._stores), Search(resources)
        self.runtime = FeatureStoreRuntime(authorizer, resources, self._stores)

    def operations(self) -> dict[str, Handler]:
        """Return every operation on feature groups."""
        return {**self._groups.operations(), **self._search.operations()}

    def close(self) -> None:
        """Write what waits to be written."""
        self._stores.close()
