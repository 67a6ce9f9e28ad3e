"""Evaluation of the census model, in the tabular image."""

import sys

from tabular.__main__ import main

sys.exit(main(["evaluate"]))
