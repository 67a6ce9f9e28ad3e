"""Plain processes: what they make of a job that takes itself for a container."""

from pathlib import Path

import pytest

from localsagemaker.images import BuildFailed, opt_ml
from localsagemaker.images.image import Manifest, Start
from localsagemaker.images.process import ProcessEngine

SCRIPT = """\
#!/bin/bash
set -e
cat /opt/ml/input/config/resourceconfig.json
source /opt/ml/input/sm_training.env
echo "$SM_MODEL_DIR" > /opt/ml/output/seen
"""


@pytest.fixture
def base_dir(tmp_path: Path) -> Path:
    """The tree of a training job with the scripts that the SageMaker Python SDK sends along."""
    base_dir = tmp_path / "ml"
    for folder in ("input/config", "input/data/sm_drivers/scripts", "input/data/code", "output", "model"):
        (base_dir / folder).mkdir(parents=True)
    (base_dir / "input/config/resourceconfig.json").write_text("{}")
    (base_dir / "input/sm_training.env").write_text(f"export SM_MODEL_DIR={base_dir}/model")
    (base_dir / "input/data/sm_drivers/sm_train.sh").write_text(SCRIPT)
    (base_dir / "input/data/sm_drivers/scripts/environment.py").write_text('SM_MODEL_DIR = "/opt/ml/model"\n')
    (base_dir / "input/data/sm_drivers/sourcecode.json").write_text('{"source_dir": "/opt/ml"}')
    (base_dir / "input/data/code/train.py").write_text('print("/opt/ml")\n')
    return base_dir


@pytest.fixture
def without_mounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that lets no process have mounts of its own."""
    monkeypatch.setattr(opt_ml, "unshare", lambda: None)


@pytest.fixture
def mounts() -> None:
    if opt_ml.unshare() is None:
        pytest.fail("this machine allows no mount namespace: run the tests where `unshare --user --mount` works")


@pytest.mark.usefixtures("without_mounts")
def test_the_sdk_s_own_scripts_find_the_folders_of_the_job(base_dir: Path, tmp_path: Path) -> None:
    engine = ProcessEngine(tmp_path / "images", tmp_path / "venvs")
    manifest = Manifest("x:1", "sha256:0", "python:3.13", "process", str(tmp_path), interpreter="/usr/bin/python3")
    command = "chmod +x /opt/ml/input/data/sm_drivers/sm_train.sh && /opt/ml/input/data/sm_drivers/sm_train.sh"
    start = Start(base_dir, entrypoint=["/bin/bash"], arguments=["-c", command])
    lines: list[str] = []
    assert engine.run(manifest, start, lines.append).wait(60) == 0, lines
    assert (base_dir / "output/seen").read_text() == f"{base_dir}/model\n"
    assert "{}" in lines
    drivers = base_dir / "input/data/sm_drivers"
    assert (drivers / "scripts/environment.py").read_text() == f'SM_MODEL_DIR = "{base_dir}/model"\n'
    assert (drivers / "sourcecode.json").read_text() == '{"source_dir": "/opt/ml"}'


@pytest.mark.usefixtures("without_mounts")
def test_a_user_s_own_files_stay_as_they_are(base_dir: Path, tmp_path: Path) -> None:
    engine = ProcessEngine(tmp_path / "images", tmp_path / "venvs")
    manifest = Manifest("x:1", "sha256:0", "python:3.13", "process", str(tmp_path), interpreter="/usr/bin/python3")
    engine.run(manifest, Start(base_dir, entrypoint=["/bin/true"], arguments=[]), print).wait(60)
    assert (base_dir / "input/data/code/train.py").read_text() == 'print("/opt/ml")\n'


def test_what_a_container_writes_beside_its_code_is_gone_with_it(base_dir: Path, tmp_path: Path) -> None:
    """A container has a file system of its own, made anew from its image each time."""
    image = tmp_path / "image"
    (image / "opt/program").mkdir(parents=True)
    (image / "opt/program/code.py").write_text("whole")
    manifest = Manifest(
        "x:1", "sha256:0", "python:3.13", "process", str(image), interpreter="/usr/bin/python3", workdir="/opt/program"
    )
    engine = ProcessEngine(tmp_path / "images", tmp_path / "venvs")
    start = Start(base_dir, entrypoint=["/bin/sh", "-c"], arguments=["mkdir workspace && echo broken > code.py"])
    for _ in range(2):
        lines: list[str] = []
        assert engine.run(manifest, start, lines.append).wait(60) == 0, lines
    assert [(path.name, path.read_text()) for path in (image / "opt/program").iterdir()] == [("code.py", "whole")]
    assert not list(base_dir.parent.glob("*.tmp"))


@pytest.mark.parametrize(
    "line",
    [
        "COPY ../secret /x",
        "COPY a/../../secret /x",
        "COPY a ../../../outside",
        "COPY a /x/../../outside",
        "WORKDIR ../..",
    ],
)
def test_a_build_stays_in_its_context_and_its_image(tmp_path: Path, line: str) -> None:
    """Docker: "forbidden path outside the build context"."""
    (tmp_path / "secret").write_text("x")
    (tmp_path / "context" / "a").mkdir(parents=True)
    (tmp_path / "context" / "Dockerfile").write_text(f"FROM python:3.13\nWORKDIR /opt\n{line}\n")
    before = sorted(tmp_path.iterdir())
    engine = ProcessEngine(tmp_path / "images", tmp_path / "venvs")
    with pytest.raises(BuildFailed, match="leads out"):
        engine.build(tmp_path / "context", "Dockerfile", "x:1", "sha256:0", print)
    assert {*tmp_path.iterdir()} - {*before} <= {tmp_path / "images", tmp_path / "venvs"}


def run(tmp_path: Path, base_dir: Path, script: str) -> tuple[int | None, list[str]]:
    """Run a shell script as a container of a job; its exit code and its log."""
    engine = ProcessEngine(tmp_path / "images", tmp_path / "venvs")
    manifest = Manifest("x:1", "sha256:0", "python:3.13", "process", str(tmp_path), interpreter="/usr/bin/python3")
    lines: list[str] = []
    code = engine.run(manifest, Start(base_dir, entrypoint=["/bin/sh"], arguments=["-c", script]), lines.append).wait(
        60
    )
    return code, lines


@pytest.mark.usefixtures("mounts")
def test_a_script_that_knows_only_opt_ml_reads_and_writes_its_job_s_folder(base_dir: Path, tmp_path: Path) -> None:
    """AWS's own processing examples know no other path, and get no variable that names one."""
    here = Path("/opt/ml").exists()
    script = (
        "cat /opt/ml/input/sm_training.env && echo && echo model > /opt/ml/model/m && echo base=$SAGEMAKER_BASE_DIR"
    )
    code, lines = run(tmp_path, base_dir, script)
    assert code == 0, lines
    assert (base_dir / "model/m").read_text() == "model\n"
    assert lines[-2:] == [f"export SM_MODEL_DIR={base_dir}/model", "base="]
    assert Path("/opt/ml").exists() == here
    assert not list(tmp_path.rglob("*.tmp"))


@pytest.mark.usefixtures("mounts")
def test_what_else_is_in_opt_stays_where_it_is(base_dir: Path, tmp_path: Path) -> None:
    code, lines = run(tmp_path, base_dir, "ls -A /opt | grep -v '^ml$'")
    there = sorted(path.name for path in Path("/opt").iterdir() if path.name != "ml")
    assert sorted(lines[1:]) == there
    assert code == (0 if there else 1)


@pytest.mark.usefixtures("without_mounts")
@pytest.mark.parametrize("change", ["echo x > there", "echo x > new", "rm there", "mkdir folder"])
def test_a_program_that_writes_to_the_machine_s_own_folder_fails(
    change: str, base_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = tmp_path / "machine"
    machine.mkdir()
    (machine / "there").touch()
    monkeypatch.setattr(opt_ml, "OPT_ML", str(machine))
    assert run(tmp_path, base_dir, f"cd {machine} && cat there")[0] == 0
    code, lines = run(tmp_path, base_dir, f"cd {machine} && {change}")
    assert code == 1
    assert "is not the folder of its job" in lines[-1]
