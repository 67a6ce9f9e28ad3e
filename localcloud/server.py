"""The process of the local cloud: MiniStack with our services, on a socket that its parent has opened.

Started by `localcloud.lifecycle`, which sets the environment that MiniStack reads when it is imported.
Beside the AWS APIs it serves `GET /_mdlc/health`, `GET /_mdlc/resources`, the deploy report, `GET /_mdlc/stacks`,
where every stack lives, `GET /_mdlc/stale`, which have old values of others' outputs, `GET /_mdlc/log-groups`, MLflow
apps under `/_mdlc/mlflow/`, `POST /_mdlc/interruptions`, which takes spot instances away, and `/_mdlc/faults`, what
fails on purpose: `POST` to `requests`, `resources` or `late-logs` below it adds, to `clear` ends. `localcloud.door`
says who may ask.
"""

import argparse
import asyncio
import json
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hypercorn.asyncio import serve
from hypercorn.config import Config

from account import resource_types
from account.quotas import Profile
from localcloud import ministack
from localcloud import mlflow_wire as basic
from localcloud.cloudformation import recorded
from localcloud.door import Door
from localcloud.fault_gate import FaultGate
from localcloud.faults import requests, resources
from localcloud.faults.late_logs import LateLogs
from localcloud.faults.requests import RequestFaults
from localcloud.faults.resources import ResourceFaults
from localcloud.hooks import telemetry
from localcloud.hooks.compute import functions
from localcloud.hooks.requests import services
from localcloud.hooks.s3 import access_logs
from localcloud.hooks.stacks import cloudformation, references
from localcloud.hooks.stacks.read_back import ReadBack
from localcloud.host import MiniStackHost
from localcloud.readback.preview import preview
from localcloud.readback.recorded import of_type
from localcloud.report import Entry, entries
from localsagemaker.errors import ServiceError
from localsagemaker.images import Images
from localsagemaker.jobs.spot import Interruption
from localsagemaker.quotas import Quotas
from localsagemaker.service import SageMaker

KEEP_ALIVE_SECONDS = 75
GRACE_SECONDS = 2
Message = Mapping[str, Any]


class Server:
    """MiniStack, our services, and the deploy report, as one ASGI application."""

    def __init__(self, root: Path, endpoint: str, time_scale: float, profile: Profile) -> None:
        quotas = Quotas(profile, time_scale)
        host = MiniStackHost(endpoint)
        images = Images(root / "images")
        images.clean()
        self.faults = RequestFaults(services.provided)
        self._resource_faults = ResourceFaults(cloudformation.types)
        self._late_logs = LateLogs(access_logs.receivers)
        self.sagemaker = SageMaker(host, images, root / "work", time_scale, quotas, self.faults.pass_or_refuse)
        self._secret = os.environ["AWS_SECRET_ACCESS_KEY"]
        self._refused: dict[tuple[str, str], Entry] = {}
        self._read_back = ReadBack(partial(of_type, recorded=recorded.RECORDED))
        ministack.install(
            ministack.Parts(
                root=root,
                endpoint=endpoint,
                time_scale=time_scale,
                host=host,
                images=images,
                sagemaker=self.sagemaker,
                quotas=quotas,
                refuse=self._refuse,
                resource_faults=self._resource_faults,
                late_logs=self._late_logs,
                read_back=self._read_back,
            )
        )

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Answer our own paths, and give everything else to MiniStack."""
        path = scope.get("path", "") if scope["type"] == "http" else ""
        if not path.startswith("/_mdlc/"):
            await services.asgi(scope, receive, send)
            return
        if path.startswith(basic.PATH):
            status, content = await basic.answer(self.sagemaker.mlflow_apps, self._secret, scope, receive)
        else:
            status, body = await self._own(path, receive)
            content = json.dumps(body).encode()
        await send(
            {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]}
        )
        await send({"type": "http.response.body", "body": content})

    async def _own(self, path: str, receive: Callable[[], Awaitable[Message]]) -> tuple[int, object]:
        """Status and body of the answer to a request for a path of ours."""
        answers: dict[str, Callable[[], object]] = {
            "/_mdlc/health": lambda: {"status": "ok"},
            "/_mdlc/resources": lambda: {"resources": [entry.as_dict() for entry in self.report()]},
            "/_mdlc/stacks": lambda: {"stacks": list(cloudformation.places())},
            "/_mdlc/stale": lambda: {"stale": [asdict(each) for each in references.stale()]},
            "/_mdlc/log-groups": lambda: {"log-groups": list(telemetry.log_groups())},
            "/_mdlc/faults": lambda: {"faults": [line for kind in self._faults() for line in kind.listing()]},
        }
        orders: dict[str, Callable[[Message], None]] = {
            "/_mdlc/interruptions": self._interrupt,
            "/_mdlc/faults/requests": lambda asked: self.faults.fail(**requests.read(asked)),
            "/_mdlc/faults/resources": lambda asked: self._resource_faults.fail(**resources.read(asked)),
            "/_mdlc/faults/late-logs": lambda asked: self._late_logs.arrive(asked["bucket"]),
            "/_mdlc/faults/clear": lambda _: self._clear_faults(),
        }
        if path in answers:
            return 200, answers[path]()
        if path == "/_mdlc/preview":
            return self._preview((await basic.read_body(receive)).decode())
        if path in orders:
            return self._obey(orders[path], await basic.read_body(receive))
        return 404, {"message": f"{path} is unknown"}

    def _obey(self, order: Callable[[Message], None], body: bytes) -> tuple[int, dict[str, str]]:
        """Carry out an order."""
        try:
            order(json.loads(body))
        except ServiceError as error:
            return 400, {"message": str(error)}
        return 200, {}

    def _preview(self, template: str) -> tuple[int, dict[str, Any]]:
        """Say what awaits the properties of a template; nothing is changed by it."""
        try:
            found = cloudformation.parsed(template)
        except ValueError as error:
            return 400, {"message": str(error)}
        lines = preview(found, cloudformation.known, partial(of_type, recorded=recorded.RECORDED))
        return 200, {"preview": [line.as_dict() for line in lines]}

    def _interrupt(self, asked: Message) -> None:
        """Interrupt the job `job`, or with `each` every spot job from now on so many times."""
        if "each" in asked:
            self.sagemaker.rehearse_interruptions(asked["each"])
        else:
            self.sagemaker.interrupt_job(asked["job"], Interruption(asked["notice"], asked["wait_s"]))

    def _faults(self) -> tuple[RequestFaults, ResourceFaults, LateLogs]:
        return self.faults, self._resource_faults, self._late_logs

    def _clear_faults(self) -> None:
        for kind in self._faults():
            kind.clear()

    def report(self) -> list[Entry]:
        """Make the deploy report as it stands."""
        return entries(cloudformation.resources(), recorded.RECORDED, self._refused.values(), self._read_back.of)

    def _refuse(self, unknown: Mapping[str, str]) -> str:
        for logical_id, name in unknown.items():
            reason = "the local cloud has no such type"
            self._refused[logical_id, name] = Entry("", logical_id, name, "refused", reason)
        if misspelt := sorted(set(unknown.values()) - resource_types.names()):
            return f"Template format error: Unrecognized resource types: [{', '.join(misspelt)}]"
        listed = ", ".join(f"{logical_id} ({name})" for logical_id, name in sorted(unknown.items()))
        return f"The local cloud cannot create these resources: {listed}"


async def _serve(door: Door, socket: int) -> None:
    config = Config()
    config.bind = [f"fd://{socket}"]
    config.keep_alive_timeout = KEEP_ALIVE_SECONDS
    config.graceful_timeout = GRACE_SECONDS
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(door, config, shutdown_trigger=stop.wait)  # type: ignore[arg-type] # hypercorn types are narrower


def main() -> None:
    """Serve until SIGTERM, then end jobs, endpoints and functions, in that order."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--root", type=Path, required=True, help="folder of the local cloud's state")
    parser.add_argument("--socket", type=int, required=True, help="file descriptor of the listening socket")
    parser.add_argument("--time-scale", type=float, default=1.0, help="divides the waits of roll-outs and alarms")
    parser.add_argument(
        "--account-profile", type=Profile, default=Profile.ESTABLISHED, help="what its accounts may use"
    )
    arguments = parser.parse_args()
    endpoint, secret = os.environ["AWS_ENDPOINT_URL"], os.environ["AWS_SECRET_ACCESS_KEY"]
    server = Server(arguments.root, endpoint, arguments.time_scale, arguments.account_profile)
    try:
        gate = FaultGate(server, server.faults)
        asyncio.run(_serve(Door(gate, secret, urlsplit(endpoint).port or 0), arguments.socket))
    finally:
        server.sagemaker.close()
        functions.end_workers()
        logging.shutdown()
        os._exit(0)  # a thread that waits for a custom resource must not hold the process


if __name__ == "__main__":
    main()
