"""What a local cloud that runs is asked and told, over its own routes (`localcloud.server`).

A call of an API Gateway stage reaches the local cloud at another address than AWS's: `execute_api_url` turns the URL
of a stack's output (`https://<api>.execute-api.<region>.amazonaws.com/v1/…`) into
`<AWS_ENDPOINT_URL>/_aws/execute-api/<api>/v1/…`. Sign that URL as it is (SigV4, service `execute-api`): the signature
is verified and IAM evaluated for `arn:aws:execute-api:<region>:<account>:<api>/v1/POST/…`. No Host header is needed.
"""

import json
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from account.quotas import Profile

TIME_SCALE = 60.0
PROFILE = Profile.ESTABLISHED.value
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_EXECUTE_API = re.compile(r"https://(?P<api>[a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?P<path>/.*)?")


class LocalCloudError(Exception):
    """What the user asked of the local cloud cannot be done; the message is one sentence."""


@dataclass(frozen=True)
class Running:
    """A local cloud that runs. `created` is the start of process `pid`, in seconds since the epoch."""

    pid: int
    created: float
    port: int
    account: str
    region: str
    secret: str
    time_scale: float = TIME_SCALE
    profile: str = PROFILE

    @property
    def endpoint(self) -> str:
        """Base URL of every AWS API."""
        return f"http://127.0.0.1:{self.port}"

    def knock(self) -> dict[str, str]:
        """Header that opens the cloud's own paths, and MiniStack's."""
        return {"Authorization": f"Bearer {self.secret}"}

    def environment(self, account: str | None = None) -> dict[str, str]:
        """AWS_* variables that make an SDK, the CDK CLI or `mdlc` use this cloud as the root of an account."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": account or self.account,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            **past_proxies(),
        }


def past_proxies() -> dict[str, str]:
    """Variables that lead requests to the local cloud past the proxy of this process's environment, if it has one."""
    if not any(os.environ.get(name) or os.environ.get(name.upper()) for name in PROXIES):
        return {}
    listed = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    hosts = ",".join(dict.fromkeys([*filter(None, listed.split(",")), "127.0.0.1"]))
    return {"no_proxy": hosts, "NO_PROXY": hosts}


def execute_api_url(url: str, endpoint: str) -> str:
    """Where the local cloud at `endpoint` answers calls of an API Gateway URL; other URLs stay as they are."""
    match = _EXECUTE_API.fullmatch(url)
    return f"{endpoint}/_aws/execute-api/{match['api']}{match['path'] or '/'}" if match else url


class Console(ABC):
    """Questions and orders to the cloud that `running` finds."""

    @abstractmethod
    def running(self) -> Running:
        """Find the cloud that runs. Raises `LocalCloudError` when none does."""

    def resources(self) -> list[dict[str, Any]]:
        """Fetch the deploy report: per resource {stack, logical_id, type, status: created|recorded|refused, reason}.

        Its `properties` say of each {path, status: applied|recorded|refused, reason}.
        """
        return self._get("resources")

    def stale(self) -> list[dict[str, str]]:
        """Fetch the stacks that have an old value of another stack's output.

        Each is {account, region, stack, of, output, deployed_with, now}.
        """
        return self._get("stale")

    def log_groups(self) -> list[dict[str, Any]]:
        """Fetch every log group: {account, region, name, key, retention}; None where it has no key or no end."""
        return self._get("log-groups")

    def preview(self, template: str) -> list[dict[str, Any]]:
        """Ask what awaits a template: per property {type, path, outlook: read|recorded|refused, times, reason}.

        Raises `LocalCloudError` for what is no template.
        """
        running = self.running()
        request = urllib.request.Request(  # noqa: S310 - http
            f"{running.endpoint}/_mdlc/preview", template.encode(), running.knock()
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - http
                found: list[dict[str, Any]] = json.load(answer)["preview"]
        except urllib.error.HTTPError as error:
            raise LocalCloudError(json.load(error)["message"]) from error
        return found

    def fail(
        self, what: str, kind: str, *, times: int | None = None, seconds: float | None = None, by: str = ""
    ) -> None:
        """Let requests fail on purpose: `what` is an operation of SageMaker's, or `service:Operation`, or a service.

        They fail as `kind` says (`localcloud.faults.kinds`), so many or for a time, those of every caller or of those
        that have `by` in their ARN. Raises `LocalCloudError` for what is no operation.
        """
        self._post("faults/requests", {"what": what, "with": kind, "times": times, "seconds": seconds, "by": by})

    def fail_resource(self, what: str, at: str = "create", times: int = 1) -> None:
        """Let a resource fail on purpose when a stack creates, updates or deletes it.

        `what` is `STACK/LOGICALID`, `STACK/TYPE`, `TYPE`, or `STACK` for its end. Raises `LocalCloudError` for what is
        none of these.
        """
        self._post("faults/resources", {"what": what, "at": at, "times": times})

    def deliver_late(self, bucket: str) -> None:
        """Let access logs arrive in a bucket while its stack is deleted, as long as its policy lets S3 write them.

        Raises `LocalCloudError` for a bucket that no other one logs to.
        """
        self._post("faults/late-logs", {"bucket": bucket})

    def faults(self) -> list[dict[str, Any]]:
        """Fetch what fails on purpose: {what, with, times or seconds left, by}."""
        return self._get("faults")

    def clear_faults(self) -> None:
        """Let nothing fail on purpose any more."""
        self._post("faults/clear", {})

    def interrupt(self, job: str, *, notice: bool = True, wait_s: float = 0.0) -> None:
        """Take the instances of a spot training job away, and have others after `wait_s` seconds.

        Without `notice` the container gets no SIGTERM. Raises `LocalCloudError` for a job that cannot be interrupted.
        """
        self._post("interruptions", {"job": job, "notice": notice, "wait_s": wait_s})

    def rehearse_interruptions(self, times: int) -> None:
        """Interrupt every spot training job that is created from now on so many times; 0 ends it."""
        self._post("interruptions", {"each": times})

    def _get(self, what: str) -> list[dict[str, Any]]:
        running = self.running()
        asked = urllib.request.Request(f"{running.endpoint}/_mdlc/{what}", headers=running.knock())  # noqa: S310 - http
        with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 - http
            found: list[dict[str, Any]] = json.load(answer)[what]
        return found

    def _post(self, what: str, body: dict[str, object]) -> None:
        running = self.running()
        request = urllib.request.Request(  # noqa: S310 - http
            f"{running.endpoint}/_mdlc/{what}",
            json.dumps(body).encode(),
            {**running.knock(), "Content-Type": "application/json"},
        )
        try:
            urllib.request.urlopen(request, timeout=30).close()  # noqa: S310 - http
        except urllib.error.HTTPError as error:
            raise LocalCloudError(json.load(error)["message"]) from error
