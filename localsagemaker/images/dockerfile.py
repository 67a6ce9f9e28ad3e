"""Read a Dockerfile, as far as the process engine needs it: what is copied where, and what is started how."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from localsagemaker.images.image import BuildFailed

VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::-([^}]*))?\})")


@dataclass(frozen=True)
class Copy:
    """`COPY sources… target`, from the build context."""

    sources: tuple[str, ...]
    target: str
    into_folder: bool


@dataclass
class Recipe:
    """The last stage of a Dockerfile."""

    base: str
    copies: list[Copy] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    workdir: str = "/"
    not_run: list[str] = field(default_factory=list)
    """Instructions that only a container engine carries out."""


def read(text: str) -> Recipe:
    """Read the final stage. Raise BuildFailed for what cannot be meant or understood."""
    recipe: Recipe | None = None
    global_arguments: dict[str, str] = {}
    arguments: dict[str, str] = {}
    for name, rest in _instructions(text):
        if name == "FROM":
            words = [word for word in _expand(rest, global_arguments).split() if not word.startswith("--")]
            recipe, arguments = Recipe(base=words[0]), {}
        elif name == "ARG":
            key, _, value = rest.partition("=")
            known = global_arguments if recipe is None else arguments
            known[key] = global_arguments.get(key, "") if recipe and not value else _unquote(value)
        elif recipe is None:
            raise BuildFailed(f"the Dockerfile has {name} before its first FROM")
        else:
            _apply(recipe, name, rest, arguments)
    if recipe is None:
        raise BuildFailed("the Dockerfile has no FROM")
    return recipe


def _apply(recipe: Recipe, name: str, rest: str, arguments: Mapping[str, str]) -> None:
    if name in {"ENTRYPOINT", "CMD"}:
        words = _exec_form(name, rest)
        if name == "ENTRYPOINT":
            recipe.entrypoint = words
        else:
            recipe.command = words
        return
    if name in {"RUN", "HEALTHCHECK", "USER", "VOLUME", "ONBUILD", "SHELL"}:
        recipe.not_run.append(f"{name} {rest}")
        return
    rest = _expand(rest, {**arguments, **recipe.environment})
    if name == "ENV":
        recipe.environment.update(_pairs(rest))
    elif name == "LABEL":
        recipe.labels.update(_pairs(rest))
    elif name == "WORKDIR":
        recipe.workdir = str(PurePosixPath(recipe.workdir) / _unquote(rest))
    elif name in {"COPY", "ADD"}:
        _copy(recipe, name, rest)


def _copy(recipe: Recipe, name: str, rest: str) -> None:
    words = json.loads(rest) if rest.lstrip().startswith("[") else shlex.split(rest)
    flags = [word for word in words if word.startswith("--")]
    *sources, target = [word for word in words if not word.startswith("--")]
    if any(flag.startswith("--from=") for flag in flags) or any("://" in source for source in sources):
        recipe.not_run.append(f"{name} {rest}")
        return
    recipe.copies.append(
        Copy(
            sources=tuple(sources),
            target=str(PurePosixPath(recipe.workdir) / target),
            into_folder=target.endswith(("/", ".")) or len(sources) > 1 or any("*" in source for source in sources),
        )
    )


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    """(NAME, rest) with continued lines joined and comments dropped."""
    joined = ""
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            continue
        joined += line.rstrip()
        if joined.endswith("\\"):
            joined = joined[:-1] + " "
            continue
        if joined.strip():
            name, _, rest = joined.strip().partition(" ")
            if re.search(r"<<-?['\"]?\w", rest):
                raise BuildFailed(
                    f"the Dockerfile has a heredoc ({joined.strip()[:40]}), which not every engine can build"
                )
            yield name.upper(), rest.strip()
        joined = ""


def _exec_form(name: str, rest: str) -> list[str]:
    try:
        words = json.loads(rest)
    except ValueError:
        words = None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise BuildFailed(f'the Dockerfile has {name} {rest} in shell form, which loses SIGTERM: write ["word", …]')
    return words


def _pairs(rest: str) -> dict[str, str]:
    if "=" not in rest.split(maxsplit=1)[0]:
        key, _, value = rest.partition(" ")
        return {key: value.strip()}
    return dict(word.split("=", 1) for word in shlex.split(rest) if "=" in word)


def _unquote(value: str) -> str:
    return " ".join(shlex.split(value))


def _expand(text: str, values: Mapping[str, str]) -> str:
    return VARIABLE.sub(lambda found: values.get(found[1] or found[2]) or found[3] or "", text)
