"""What the process engine reads in a Dockerfile."""

import pytest

from localsagemaker.images import BuildFailed
from localsagemaker.images.dockerfile import Copy, read


def test_the_last_stage_is_the_image() -> None:
    recipe = read("""\
# syntax=docker/dockerfile:1
ARG TAG=3.13
FROM python:${TAG} AS build
ENV ONLY=build
ENTRYPOINT ["false"]
FROM python:${TAG}-slim
COPY --from=build /a /b
COPY --chown=1:1 one.py two.py /opt/
""")
    assert recipe.base == "python:3.13-slim"
    assert recipe.environment == {}
    assert recipe.entrypoint == []
    assert recipe.copies == [Copy(("one.py", "two.py"), "/opt", into_folder=True)]
    assert recipe.not_run == ["COPY --from=build /a /b"]


def test_variables_quotes_and_continued_lines() -> None:
    recipe = read("""\
FROM x
ARG ROOT=/opt/program
WORKDIR ${ROOT}
ENV A="one two" \\
    # a comment between
    B=$ROOT/lib C=${MISSING:-other}
ENV LEGACY some words
LABEL key="a value"
COPY ["app", "./app"]
CMD ["serve"]
""")
    assert recipe.environment == {"A": "one two", "B": "/opt/program/lib", "C": "other", "LEGACY": "some words"}
    assert recipe.labels == {"key": "a value"}
    assert recipe.workdir == "/opt/program"
    assert recipe.copies == [Copy(("app",), "/opt/program/app", into_folder=False)]
    assert recipe.command == ["serve"]


def test_a_relative_workdir_goes_below_the_one_before() -> None:
    assert read("FROM x\nWORKDIR /opt\nWORKDIR program").workdir == "/opt/program"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("FROM x\nENTRYPOINT python serve.py", "in shell form, which loses SIGTERM"),
        ("FROM x\nRUN <<EOF\necho\nEOF", "has a heredoc"),
        ("COPY a b", "COPY before its first FROM"),
        ("", "has no FROM"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(BuildFailed, match=sentence):
        read(text)
