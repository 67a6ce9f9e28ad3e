"""Preparation of the pictures, in the vision image."""

import sys

from vision.__main__ import main

sys.exit(main(["prepare", *sys.argv[1:]]))
