"""Preprocessing of the census data, in the tabular image; a version of its own may do anything else instead."""

import sys

from tabular.__main__ import main

sys.exit(main(["prepare", "--recipe", "census", *sys.argv[1:]]))
