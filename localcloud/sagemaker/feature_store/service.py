"""The feature store, as one part of the service."""

from pathlib import Path

from localcloud.sagemaker.feature_store.groups import FeatureGroups
from localcloud.sagemaker.feature_store.permissions import PERMISSIONS
from localcloud.sagemaker.feature_store.runtime import FeatureStoreRuntime
from localcloud.sagemaker.feature_store.search import Search
from localcloud.sagemaker.feature_store.stores import Stores
from localcloud.sagemaker.kernel.authorization import Authorizer
from localcloud.sagemaker.kernel.host import Host
from localcloud.sagemaker.kernel.requests import Handler
from localcloud.sagemaker.kernel.resources import Resources


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
