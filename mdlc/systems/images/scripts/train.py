"""Training of the classifier, in the vision image, with the augmentation of this version of the scripts."""

import sys

from changes import AUGMENTATION  # type: ignore[import-not-found] # beside this file

from vision.__main__ import main

sys.exit(main(["train", *sys.argv[1:]], AUGMENTATION))
