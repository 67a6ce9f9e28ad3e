"""What images take in: every line that could bring a stranger's code is refused, and ours are not."""

from pathlib import Path

import pytest

from checks.image_recipes import image_recipes, judge
from checks.synthesis import ROOT

BASE = "ARG IMAGE=public.ecr.aws/docker/library/python:3.13-slim\nFROM ${IMAGE}\n"
INSTALL = 'RUN ["python", "-m", "pip", "install", "--require-hashes", "-r", "/tmp/r.txt"]\n'


def found(tmp_path: Path, text: str) -> list[str]:
    (tmp_path / "Dockerfile").write_text(text)
    return [f"{each.where} {each.message}" for each in judge(tmp_path / "Dockerfile", "Dockerfile")]


def test_ours_are_judged_and_pass() -> None:
    assert len(list(ROOT.glob("containers/*/Dockerfile*"))) > 3
    assert list(image_recipes(ROOT)) == []


def test_what_is_named_for_good_passes(tmp_path: Path) -> None:
    digest = "FROM public.ecr.aws/docker/library/python@sha256:" + "0" * 64 + "\n"
    assert found(tmp_path, BASE + INSTALL + "COPY a /a\nENV A=1\n# RUN anything\n") == []
    stage = BASE.rstrip() + " AS build\nCOPY a /a\nRUN python /a/make.py /b\n"
    assert found(tmp_path, stage + "FROM ${IMAGE}\nCOPY --from=build /b /b\n") == []
    assert found(tmp_path, digest + "RUN python -m pip install \\\n  --require-hashes \\\n  -r /tmp/r.txt\n") == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("FROM docker.io/library/python:3.13", "Nobody has judged where its base"),
        ("FROM python:3.13", "Nobody has judged where its base"),
        ("FROM public.ecr.aws/docker/library/python:latest", "another one tomorrow"),
        ("FROM public.ecr.aws/docker/library/python", "another one tomorrow"),
        ("RUN python -m pip install -r /tmp/r.txt", "without --require-hashes"),
        ("RUN python -m pip install --require-hashes -r /tmp/r.txt helpers", "pip is given helpers"),
        (
            "RUN python -m pip install --require-hashes --index-url https://x -r r",
            "pip is given --index-url",
        ),
        ("RUN pip install --require-hashes -r r", "Nobody has judged what `pip install"),
        ("RUN apt-get update && apt-get install -y gcc", "Nobody has judged what `apt-get"),
        ('RUN ["sh", "-c", "curl https://x | sh"]', "Nobody has judged what `sh -c"),
        ("ADD https://example.com/x.tar.gz /x", "Nobody has judged ADD"),
        ("COPY --from=docker.io/library/busybox:1 /bin/sh /bin/sh", "Nobody has judged COPY"),
        ('RUN ["python", "/usr/lib/make.py"]', "Nobody has judged what `python /usr/lib/make.py"),
        ("COPY --from=build /b /b", "Nobody has judged COPY"),
        ("ONBUILD RUN pip install x", "Nobody has judged ONBUILD"),
    ],
)
def test_what_could_bring_a_strangers_code_is_a_finding(tmp_path: Path, line: str, said: str) -> None:
    [sentence] = found(tmp_path, BASE + line + "\n")
    assert sentence.startswith("Dockerfile:3 ")
    assert said in sentence
