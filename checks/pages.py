"""The templates of the checks' pages, over the look that every page of the project has."""

from typing import Final

from checks.synthesis import ROOT

LOOK: Final = ROOT / "web" / "pages"
