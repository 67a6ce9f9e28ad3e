"""A small image for tests: one program whose arguments, hyperparameters and environment say how it behaves."""

from functools import cache
from pathlib import Path

from localsagemaker.images import Image, Images
from localsagemaker.images.container import unusable
from localsagemaker.images.image import EngineName

BASE = "public.ecr.aws/docker/library/python:3.13-slim-bookworm"
URI = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/small:1"

DOCKERFILE = f"""\
ARG PYTHON_IMAGE={BASE}
FROM ${{PYTHON_IMAGE}}
LABEL com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true
ENV PYTHONPATH=/opt/program PYTHONUNBUFFERED=1 GREETING="hello there"
WORKDIR /opt/program
COPY small/program /opt/program/program
ENTRYPOINT ["python", "-m", "program"]
"""

PROGRAM = r"""
import json, os, shutil, signal, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BASE = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


def behave(do, message_file):
    if do == "fail":
        message_file.write_text("claims.csv has no column policy_id")
        sys.exit(1)
    elif do == "crash":
        print("first line", file=sys.stderr)
        print("boom", file=sys.stderr)
        sys.exit(3)
    elif do == "hang":
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        print("hanging", flush=True)
        time.sleep(600)
    elif do == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("ignoring SIGTERM", flush=True)
        time.sleep(600)
    elif do == "children":
        if os.fork() == 0:
            Path(BASE / "child").write_text("")
            time.sleep(600)
        sys.exit(0)
    elif do == "noise":
        os.write(1, b"caf\xe9 \xff\n")
        os.write(1, b"x" * 300000 + b"\n")
        os.write(1, b"".join(b"line %d\n" % number for number in range(20000)))
    elif do == "environment":
        print(json.dumps(dict(os.environ)))


def process(arguments):
    behave(arguments[0], BASE / "output" / "message")
    print("arguments", json.dumps(arguments))
    target = BASE / "processing" / "output" / "copy"
    for file in sorted((BASE / "processing" / "input").rglob("*")):
        if file.is_file() and target.is_dir():
            shutil.copy(file, target / file.name)
            print("copied", file.relative_to(BASE / "processing"))
    for name in ("processingjobconfig.json", "resourceconfig.json"):
        if (BASE / "config" / name).exists():
            print(name, (BASE / "config" / name).read_text())


def train():
    config = BASE / "input" / "config"
    settings = json.loads((config / "hyperparameters.json").read_text())
    behave(settings.get("do"), BASE / "output" / "failure")
    host = json.loads((config / "resourceconfig.json").read_text())["current_host"]
    print("[0]\ttrain-auc:0.71\tvalidation-auc:0.70")
    print("[1]\ttrain-auc:0.81\tvalidation-auc:0.75")
    files = [str(f.relative_to(BASE / "input")) for f in sorted((BASE / "input").rglob("*")) if f.is_file()]
    (BASE / "model" / f"model-{host}.json").write_text(json.dumps({"settings": settings, "files": files}))
    (BASE / "output" / "data" / "metrics.json").write_text("{}")
    (BASE / "checkpoints").mkdir(exist_ok=True)
    (BASE / "checkpoints" / "last").write_text(host)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def answer(self, status, body, content_type="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(503 if os.environ.get("DO") == "unhealthy" else 200, b"")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if body == b"die":
            os._exit(9)
        if body == b"close":
            self.close_connection = True
            return
        if body.startswith(b"wait"):
            time.sleep(float(body[4:]))
        if body.startswith(b"status"):
            return self.answer(int(body[6:]), b'{"error": "as asked"}')
        if os.environ.get("DO") == "errors":
            return self.answer(500, b"broken model")
        model = sorted(f.name for f in (BASE / "model").rglob("*") if f.is_file())
        seen = {"body": body.decode(), "type": self.headers["Content-Type"], "accept": self.headers["Accept"],
                "model": model, "name": os.environ.get("NAME"), "pid": os.getpid()}
        self.answer(200, json.dumps(seen).encode())

    def log_message(self, form, *values):
        pass


def serve():
    if os.environ.get("DO") == "crash":
        print("no model here", file=sys.stderr)
        sys.exit(1)
    address = (os.environ["SAGEMAKER_BIND_TO_HOST"], int(os.environ["SAGEMAKER_BIND_TO_PORT"]))
    server = ThreadingHTTPServer(address, Handler)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    server.serve_forever()


if sys.argv[1:] == ["train"]:
    train()
elif sys.argv[1:] == ["serve"]:
    serve()
else:
    process(sys.argv[1:])
"""


def engines() -> list[EngineName]:
    """Plain processes, and the container engine of this machine if there is one."""
    containers: tuple[EngineName, ...] = ("podman", "docker")
    return ["process", *[name for name in containers if unusable(name) is None][:1]]


ENGINES = engines()


def write_context(folder: Path, dockerfile: str = DOCKERFILE, program: str = PROGRAM) -> Path:
    """Write a build context with the image `small` in it."""
    package = folder / "small" / "program"
    package.mkdir(parents=True)
    (folder / "small" / "Dockerfile").write_text(dockerfile)
    (folder / "small" / "requirements.txt").write_text("")
    (package / "__main__.py").write_text(program)
    return folder


@cache
def built(engine: EngineName, folder: Path) -> Images:
    """Images with the small one in them, built once per folder."""
    images = Images(folder / engine / "images", engine)
    images.build(write_context(folder / engine / "context"), "small/Dockerfile", URI, print)
    return images


def small(images: Images) -> Image:
    """The small image."""
    return images.find(URI)
