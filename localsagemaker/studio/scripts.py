"""Lifecycle scripts: they run when an app or a notebook instance starts, and what fails, fails it.

Sources: developer guide, "Debug lifecycle configurations"; API reference, `NotebookInstanceLifecycleHook`; words of
failures as people report them: aws-samples/amazon-sagemaker-optuna-hpo-blog#4, outerbounds/metaflow-tools#28 (a script
that ends with an error is told of as one that took too long), aws/amazon-sagemaker-feedback#223.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Final

from localsagemaker.kernel.host import Cloud, Scope
from localsagemaker.kernel.resources import Record, Resources
from localsagemaker.studio.kinds import NOTEBOOK_LIFECYCLE_CONFIG, STUDIO_LIFECYCLE_CONFIG
from localsagemaker.studio.machine import Ended, MachineCopy, Script

STUDIO_LOGS: Final = "/aws/sagemaker/studio"
NOTEBOOK_LOGS: Final = "/aws/sagemaker/NotebookInstances"
NOT_RUN: Final = (
    "The local cloud has not run this script: this machine gives no process a copy of its files (mount and user "
    "namespaces, overlayfs)."
)
_STUDIO_HOME: Final = "/home/sagemaker-user"
_NOTEBOOK_HOME: Final = "/root"  # its scripts run as root
NONE: Final = "None"
"""The ARN that stands for no script."""


class Scripts:
    """Runs the lifecycle scripts of apps and notebook instances."""

    def __init__(self, host: Cloud, resources: Resources, machine: MachineCopy) -> None:
        self._host, self._resources, self._machine = host, resources, machine

    def of_app(self, scope: Scope, app: Record, arn: str, role: str) -> str | None:
        """Run the script of an app that starts; return why the app fails, or None."""
        config = self._resources.find(STUDIO_LIFECYCLE_CONFIG, scope, arn.rpartition("/")[2])
        if config is None:
            return f"StudioLifecycleConfig {arn} does not exist."
        owner = app.get("SpaceName") or app["UserProfileName"]
        stream = f"{app['DomainId']}/{owner}/{app['AppType']}/{app['AppName']}/LifecycleConfigOnStart"
        script = Script(
            content=_decode(config["StudioLifecycleConfigContent"]),
            place="/opt/ml/lifecycleconfig/lifecycle_script.sh",
            home=_STUDIO_HOME,
            metadata={
                "AppType": app["AppType"],
                "DomainId": app["DomainId"],
                **{name: app[name] for name in ("SpaceName", "UserProfileName") if name in app},
                "ResourceArn": app["AppArn"],
                "ResourceName": app["AppName"],
            },
        )
        ended = self._run(scope, role, script, STUDIO_LOGS, stream)
        if ended is None or ended.code == 0:
            return None
        how = "took longer than 5 minutes" if ended.code is None else f"ended with exit code {ended.code}"
        return f"Lifecycle Config execution failed: {arn} {how}. Its log is {stream} in {STUDIO_LOGS}."

    def of_notebook(self, scope: Scope, notebook: Record, hooks: Sequence[str]) -> str | None:
        """Run the scripts of `OnCreate` or `OnStart` of an instance; return why it fails, or None."""
        name = notebook.get("NotebookInstanceLifecycleConfigName")
        config = self._resources.find(NOTEBOOK_LIFECYCLE_CONFIG, scope, name) if name else None
        if config is None:
            return None
        for hook in hooks:
            for each in config.get(hook) or ():
                script = Script(
                    content=_decode(each["Content"]),
                    place=f"/tmp/{hook}",  # noqa: S108 - a folder of the copy
                    home=_NOTEBOOK_HOME,
                    metadata={
                        "ResourceArn": notebook["NotebookInstanceArn"],
                        "ResourceName": notebook["NotebookInstanceName"],
                    },
                )
                stream = f"{notebook['NotebookInstanceName']}/LifecycleConfig{hook}"
                ended = self._run(scope, notebook["RoleArn"], script, NOTEBOOK_LOGS, stream)
                if ended is not None and ended.code != 0:
                    return (
                        f"Notebook Instance Lifecycle Config '{config[NOTEBOOK_LIFECYCLE_CONFIG.arn_member]}' for "
                        f"Notebook Instance '{notebook['NotebookInstanceArn']}' took longer than 5 minutes. Please "
                        "check your CloudWatch logs for more details if your Notebook Instance has Internet access."
                    )
        return None

    def stop(self) -> None:
        """End every script."""
        self._machine.stop()

    def _run(self, scope: Scope, role: str, script: Script, group: str, stream: str) -> Ended | None:
        """Run a script in the name of a role, and log what it says; None where no script can run."""
        _, environment = self._host.assume(scope, role, "SageMaker")
        ended = self._machine.run(script, environment)
        lines = [NOT_RUN] if ended is None else list(ended.lines)
        if ended is not None and ended.code != 0:
            lines.append("The script's time was up." if ended.code is None else f"Exit code: {ended.code}")
        if lines:
            self._host.write_log(scope, group, stream, lines)
        return ended


def _decode(content: str) -> bytes:
    """Return a script; what is not Base64 is no program, and fails as one."""
    try:
        return base64.b64decode(content, validate=False)
    except binascii.Error:
        return content.encode()
