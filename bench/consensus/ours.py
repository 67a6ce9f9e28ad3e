"""``python -m bench.consensus.ours VOTES``: CPU seconds and the share of right labels, as JSON."""

import json
import sys
import time

from bench.consensus.votes import KINDS, votes
from evaluation.consensus import consolidate


def main() -> None:
    """Measure one run."""
    columns, truth = votes(int(sys.argv[1]))
    began = time.process_time()
    found = consolidate(*columns, KINDS).labels()
    used = time.process_time() - began
    right = sum(found[name] == kind for name, kind in truth.items()) / len(truth)
    json.dump({"cpu": used, "right": right}, sys.stdout)


if __name__ == "__main__":
    main()
