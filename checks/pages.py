"""What the pages of the checks look like: plain files that every page of the project is made with."""

from typing import Final

from checks.synthesis import ROOT

LOOK: Final = ROOT / "web" / "pages"
