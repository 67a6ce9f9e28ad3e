"""``python -m bench.consensus.peer VOTES ROUNDS``: the same of crowd-kit; 0 rounds are as many as it takes by itself.

It runs in an environment of its own, which has crowd-kit and nothing of the project.
"""

import json
import sys
import time

import pandas as pd
from crowdkit.aggregation import DawidSkene

from bench.consensus.votes import votes


def main() -> None:
    """Measure one run; building the table is not part of it."""
    count, rounds = map(int, sys.argv[1:])
    columns, truth = votes(count)
    table = pd.DataFrame(dict(zip(("task", "worker", "label"), columns, strict=True)))
    model = DawidSkene(n_iter=rounds, tol=0.0) if rounds else DawidSkene()
    began = time.process_time()
    found = model.fit_predict(table).to_dict()
    used = time.process_time() - began
    right = sum(found[name] == kind for name, kind in truth.items()) / len(truth)
    json.dump({"cpu": used, "right": right}, sys.stdout)


if __name__ == "__main__":
    main()
