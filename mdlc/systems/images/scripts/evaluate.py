"""Evaluation of the classifier, in the vision image."""

import sys

from vision.__main__ import main

sys.exit(main(["evaluate"]))
