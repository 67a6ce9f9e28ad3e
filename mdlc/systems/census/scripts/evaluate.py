"""Evaluation of the census model, and what it looks at, in the tabular image."""

import sys

from tabular.__main__ import main

sys.exit(main(["evaluate"]) or main(["explain", "--output", "evaluation"]))
