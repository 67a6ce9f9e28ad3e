"""Studio and notebook instances, as one part of the service."""

from typing import Any, Final

from localcloud.sagemaker.kernel.host import Cloud
from localcloud.sagemaker.kernel.requests import Handler, Request
from localcloud.sagemaker.kernel.resources import Resources
from localcloud.sagemaker.studio.apps import Apps
from localcloud.sagemaker.studio.domains import Domains
from localcloud.sagemaker.studio.lifecycle_configs import StudioLifecycleConfigs
from localcloud.sagemaker.studio.machine import MachineCopy
from localcloud.sagemaker.studio.notebooks import NotebookInstances
from localcloud.sagemaker.studio.permissions import PERMISSIONS
from localcloud.sagemaker.studio.portfolio import Portfolio
from localcloud.sagemaker.studio.profiles import UserProfiles
from localcloud.sagemaker.studio.scripts import Scripts
from localcloud.sagemaker.studio.settling import Settling
from localcloud.sagemaker.studio.spaces import Spaces

SCRIPT_SECONDS: Final = 300.0
"""The scripts run here: the time scale does not shorten what they may take."""


class Studio:
    """Domains and what is in them, notebook instances, and their lifecycle configurations."""

    permissions = PERMISSIONS

    def __init__(self, host: Cloud, resources: Resources, time_scale: float) -> None:
        self._host, self._resources = host, resources
        self._settling = Settling(resources, time_scale)
        self._scripts = Scripts(host, resources, MachineCopy(SCRIPT_SECONDS))
        self._portfolio = Portfolio()

    def operations(self) -> dict[str, Handler]:
        """Return every operation of Studio and of notebook instances, one at a time: each looks before it acts."""
        operations = {
            **Domains(self._host, self._resources, self._settling).operations(),
            **UserProfiles(self._host, self._resources, self._settling).operations(),
            **Spaces(self._resources, self._settling).operations(),
            **Apps(self._host, self._resources, self._settling, self._scripts).operations(),
            **StudioLifecycleConfigs(self._resources).operations(),
            **self._portfolio.operations(),
            **NotebookInstances(self._host, self._resources, self._settling, self._scripts).operations(),
        }
        return {name: self._alone(handler) for name, handler in operations.items()}

    def _alone(self, handler: Handler) -> Handler:
        def run(request: Request) -> dict[str, Any]:
            with self._resources.lock:
                return handler(request)

        return run

    def close(self) -> None:
        """Let nothing settle any more, and end the scripts that run."""
        self._settling.close()
        self._scripts.stop()
