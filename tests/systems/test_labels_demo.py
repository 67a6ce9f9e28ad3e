"""The labeling demo end to end on the local cloud: simulated people who work over HTTP."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mdlc.systems.labels.generate import generate
from tests.systems.workplace import Workplace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def summary(demo: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """The demo has run on a small set of one's own."""
    folder = tmp_path_factory.mktemp("fish")
    generate(folder, seed=7, pictures=8, sentences=8)
    found: Mapping[str, Any] = demo.done("demo", "labels", "--data", str(folder), timeout=600)
    return found


@pytest.mark.end_to_end
def test_people_sign_in_and_label(demo: Workplace, summary: Mapping[str, Any]) -> None:
    assert all(step["status"] == "done" for step in summary["steps"])
    metrics = summary["metrics"]
    assert (metrics["objects"], metrics["answers"]) == (16, 48)
    folder = demo.folder / "build" / "demo" / "labels"
    for kind, attribute in (("fish", "boxes"), ("moods", "mood")):
        manifest = folder / "jobs" / summary["jobs"][kind] / "manifests/output/output.manifest"
        lines = [json.loads(line) for line in manifest.read_text().splitlines()]
        assert len(lines) == 8
        assert all(attribute in line and f"{attribute}-metadata" in line for line in lines)
        assert (folder / kind / "report.html").is_file()
        assert demo.done("labels", "describe", summary["jobs"][kind])["LabelingJobStatus"] == "Completed"
    page = (folder / "report.html").read_text()
    assert page.count("<figure>") == 8
    assert not re.search(r"(src|href|url)\s*[=(]\s*[\"']?(https?:)?//", page)


def test_the_people_of_the_demo_leave(demo: Workplace, summary: Mapping[str, Any]) -> None:
    del summary
    assert not any(demo.done("workteam", "list")["teams"].values())


def test_a_folder_that_knows_nothing_is_refused_before_anything_is_deployed(demo: Workplace, tmp_path: Path) -> None:
    refused = demo.mdlc("demo", "labels", "--data", str(tmp_path))
    assert refused.code == 2
    assert "fish.manifest" in refused.said
