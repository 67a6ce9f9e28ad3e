"""Studio and notebook instances, as one part of the service."""

from typing import Any, Final

from localsagemaker.kernel.host import Cloud
from localsagemaker.kernel.requests import Handler, Request
from localsagemaker.kernel.resources import Resources
from localsagemaker.studio.apps import Apps
from localsagemaker.studio.domains import Domains
from localsagemaker.studio.lifecycle_configs import StudioLifecycleConfigs
from localsagemaker.studio.machine import MachineCopy
from localsagemaker.studio.notebooks import NotebookInstances
from localsagemaker.studio.permissions import PERMISSIONS
from localsagemaker.studio.portfolio import Portfolio
from localsagemaker.studio.profiles import UserProfiles
from localsagemaker.studio.scripts import Scripts
from localsagemaker.studio.settling import Settling
from localsagemaker.studio.spaces import Spaces

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
