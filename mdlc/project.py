"""Where the project's files are."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
SYSTEMS: Final = ROOT / "stacks" / "systems"
"""Declarations of systems, and the recipes of their tables."""
