"""One contract for every engine: build, find, run, end."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from localsagemaker.errors import ServiceError
from localsagemaker.images import BuildFailed, Image, Images
from localsagemaker.images.container import ContainerEngine
from tests.localsagemaker.small_image import BASE, DOCKERFILE, ENGINES, URI, built, small, write_context

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session", params=ENGINES)
def images(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Images:
    return built(request.param, tmp_path_factory.mktemp("images"))


@pytest.fixture
def image(images: Images) -> Image:
    return small(images)


class Run:
    """A container of the small image and its output."""

    def __init__(self, image: Image, base_dir: Path, *arguments: str, **environment: str) -> None:
        base_dir.mkdir(parents=True, exist_ok=True)
        (base_dir / "output").mkdir(exist_ok=True)
        self.base_dir = base_dir
        self.lines: list[str] = []
        self.running = image.run(base_dir=base_dir, arguments=arguments, environment=environment, log=self.lines.append)

    def wait_for(self, line: str) -> None:
        deadline = time.monotonic() + 30
        while line not in self.lines:
            assert time.monotonic() < deadline, self.lines
            time.sleep(0.02)


def test_an_image_says_what_it_runs_on(
    image: Image, images: Images, record_property: Callable[[str, object], None]
) -> None:
    record_property("image", image.description)
    assert images.engine in image.description
    assert BASE in image.description
    assert image.labels["com.amazonaws.sagemaker.capabilities.accept-bind-to-port"] == "true"


def test_the_same_content_is_built_once_and_a_name_is_never_bound_again(images: Images, tmp_path: Path) -> None:
    log: list[str] = []
    context = write_context(tmp_path / "same")
    assert images.build(context, "small/Dockerfile", URI, log.append).digest == small(images).digest
    assert len(log) == 1
    assert "built already" in log[0]
    changed = write_context(tmp_path / "changed", program="print()")
    with pytest.raises(ServiceError, match="tags are immutable") as refused:
        images.build(changed, "small/Dockerfile", URI, log.append)
    assert refused.value.code == "ImageTagAlreadyExistsException"


def test_an_unknown_image_is_named_together_with_the_known_ones(images: Images) -> None:
    with pytest.raises(ServiceError, match=r"no\.such/image:1 does not exist.*small:1"):
        images.find("no.such/image:1")


def test_a_missing_dockerfile_fails_with_a_sentence(images: Images, tmp_path: Path) -> None:
    with pytest.raises(BuildFailed, match="no file nowhere/Dockerfile"):
        images.build(tmp_path, "nowhere/Dockerfile", "x:1", print)


def test_a_failed_build_leaves_no_image(images: Images, tmp_path: Path) -> None:
    context = write_context(tmp_path, dockerfile=DOCKERFILE.replace("small/program", "small/nothing-here"))
    with pytest.raises(BuildFailed, match="nothing-here"):
        images.build(context, "small/Dockerfile", "broken:1", print)
    with pytest.raises(ServiceError):
        images.find("broken:1")


def test_a_program_runs_with_its_arguments_environment_and_base_dir(image: Image, tmp_path: Path) -> None:
    run = Run(image, tmp_path / "ml", "environment", EXTRA="1")
    assert run.running.wait(60) == 0
    environment = json.loads(next(line for line in run.lines if line.startswith("{")))
    assert environment["GREETING"] == "hello there"
    assert environment["EXTRA"] == "1"
    assert 'arguments ["environment"]' in run.lines
    assert [path.name for path in tmp_path.iterdir()] == ["ml"]


def test_an_exit_code_and_the_last_errors_are_kept(image: Image, tmp_path: Path) -> None:
    run = Run(image, tmp_path / "ml", "crash")
    assert run.running.wait(60) == 3
    assert run.running.last_errors[-2:] == ["first line", "boom"]


def test_another_entrypoint_replaces_the_image_s(image: Image, tmp_path: Path) -> None:
    lines: list[str] = []
    code = "import sys; print(sys.argv[1:])"
    running = image.run(base_dir=tmp_path, entrypoint=["python", "-c", code], arguments=["a b"], log=lines.append)
    assert running.wait(60) == 0
    assert "['a b']" in lines


def test_an_entrypoint_that_is_not_there_ends_with_127_and_its_name(image: Image, tmp_path: Path) -> None:
    running = image.run(base_dir=tmp_path, entrypoint=["no-such-program"], log=lambda _: None)
    assert running.wait(60) == 127
    assert "no-such-program" in " ".join(running.last_errors)


def test_stop_asks_first(image: Image, tmp_path: Path) -> None:
    run = Run(image, tmp_path / "ml", "hang")
    run.wait_for("hanging")
    assert run.running.poll() is None
    assert run.running.stop(grace=20) == 0


def test_a_program_that_ignores_sigterm_is_killed_after_the_grace(image: Image, tmp_path: Path) -> None:
    run = Run(image, tmp_path / "ml", "stubborn")
    run.wait_for("ignoring SIGTERM")
    begun = time.monotonic()
    assert run.running.stop(grace=0.5) == 137
    assert time.monotonic() - begun < 8


def test_children_of_the_program_end_with_it(image: Image, tmp_path: Path) -> None:
    run = Run(image, tmp_path / "ml", "children", MARK=str(tmp_path))
    assert run.running.wait(60) == 0
    assert marked(tmp_path) == []


def test_any_output_reaches_the_log(image: Image, tmp_path: Path) -> None:
    run = Run(image, tmp_path / "ml", "noise")
    assert run.running.wait(60) == 0
    assert "caf\ufffd \ufffd" in run.lines
    assert sum(line.count("x") for line in run.lines if set(line) == {"x"}) == 300_000
    assert max(len(line) for line in run.lines) <= 256 * 1024
    assert "line 19999" in run.lines


def test_a_log_that_fails_does_not_stop_the_program(image: Image, tmp_path: Path) -> None:
    def broken(_: str) -> None:
        raise OSError

    running = image.run(base_dir=tmp_path, arguments=["noise"], log=broken)
    assert running.wait(60) == 0


def marked(mark: Path) -> list[int]:
    """Processes that were given the mark, in their environment or on their command line."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline", "environ"])
        if str(mark) in " ".join([*(process.info["cmdline"] or ()), *(process.info["environ"] or {}).values()])
    ]


def containers(images: Images) -> list[str]:
    """Names of the containers that this local cloud has started; others run beside it."""
    if images.engine == "process":
        return []
    owner = ContainerEngine(images.engine, images.state_dir).owner
    listed = [images.engine, "ps", "--all", "--filter", f"label=mdlc.owner={owner}", "--format", "{{.Names}}"]
    return subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split()


def assert_gone(mark: Path, images: Images) -> None:
    deadline = time.monotonic() + 20
    while (left := [*marked(mark), *containers(images)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def test_the_container_dies_with_its_starter(images: Images, tmp_path: Path) -> None:
    base_dir = tmp_path / "ml"
    base_dir.mkdir()
    code = f"""
import os, time
from pathlib import Path
from localsagemaker.images import Images
image = Images(Path({str(images.state_dir)!r}), {images.engine!r}).find({URI!r})
seen = []
image.run(base_dir=Path({str(base_dir)!r}), arguments=["stubborn"], log=seen.append)
while "ignoring SIGTERM" not in seen:
    time.sleep(0.05)
os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert_gone(base_dir, images)


def test_what_even_the_guard_could_not_end_is_cleaned(images: Images, image: Image, tmp_path: Path) -> None:
    run = Run(image, tmp_path / "ml", "stubborn")
    run.wait_for("ignoring SIGTERM")
    os.kill(run.running.pid, 9)
    images.clean()
    assert_gone(run.base_dir, images)


def test_an_image_whose_content_was_deleted_is_built_again(images: Images, tmp_path: Path) -> None:
    context = write_context(tmp_path / "context", program="print('made to be lost')")
    lost = images.build(context, "small/Dockerfile", "lost:1", print).manifest.location
    if images.engine == "process":
        shutil.rmtree(lost)
    else:
        subprocess.run([images.engine, "image", "rm", "--force", lost], check=True, capture_output=True)
    assert images.build(context, "small/Dockerfile", "lost:1", print).uri == "lost:1"
    lines: list[str] = []
    (tmp_path / "ml").mkdir()
    assert images.find("lost:1").run(base_dir=tmp_path / "ml", arguments=[], log=lines.append).wait(60) == 0
    assert "made to be lost" in lines
