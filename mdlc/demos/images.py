"""The image classifier end to end: pictures published, two runs, the better one registered, served and asked."""

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mdlc.client import artifacts, predictions, steps
from mdlc.client.deployed import ENDPOINT, Deployed
from mdlc.client.steps import Run
from mdlc.demos import runs, stages
from mdlc.demos.clock import Clock
from mdlc.demos.rehearsal import Rehearsal
from mdlc.errors import CommandError
from mdlc.report.summary import Prediction, Summary
from mdlc.systems import IMAGES

SEED: Final = 42
SIDE: Final = "72"
"""What the network sees of a generated picture, small enough for a CPU."""
PLANNED: Final[Mapping[str, Mapping[str, str]]] = {
    "1 epoch": {"epochs": "1", "augment": "false", "image-size": SIDE},
    "10 epochs, augmented": {"epochs": "10", "augment": "true", "image-size": SIDE},
}
"""Comment and hyperparameters of each run: the second is better."""


@dataclass
class Demo:
    """One run of the demo on `data`, a folder of pictures per class, or on generated pictures."""

    rehearsal: Rehearsal
    data: Path | None

    def run(self) -> Summary:
        """Run the demo and return the summary; raise `CommandError` at the first step that fails, with its reason.

        Where the environment has no endpoint none is asked, and where it has no API the endpoint itself is.
        """
        planned = self._plan()
        clock = Clock()
        images = Deployed(clock.platform(self.rehearsal), IMAGES, self.rehearsal.environment)
        version = stages.publish(self.rehearsal, images, stages.data(self.rehearsal, IMAGES, self.data, seed=SEED))
        experiment = f"demo-{steps.new_name()}"
        ran = runs.train_all(self.rehearsal, images, planned, version=version, experiment=experiment)
        best = runs.best_of(self.rehearsal, images, experiment, ran)
        prediction = self._serve(images, next(run for run in ran if run.arn == best["execution"]))
        return runs.summarize(self.rehearsal, images, ran, clock, prediction)

    def _plan(self) -> Mapping[str, Mapping[str, str]]:
        """Return the runs; a data set of one's own says itself how many classes it has."""
        if self.data is None:
            return PLANNED
        stages.check(self.rehearsal, IMAGES, self.data)
        classes = [entry for entry in self.data.iterdir() if entry.is_dir() and entry.name != "weights"]
        return {comment: {**given, "num-classes": str(max(2, len(classes)))} for comment, given in PLANNED.items()}

    def _serve(self, images: Deployed, best: Run) -> Prediction | None:
        """Approve the package of the best run, wait for its roll-out, and ask it about a picture of the test set."""
        if images.find(ENDPOINT) is None:
            return None
        number = int(str(best.result["Registration"]["ModelPackageArn"]).rpartition("/")[2])
        stages.approve(self.rehearsal, images, number)
        return self._ask(images, best)

    def _ask(self, images: Deployed, best: Run) -> Prediction:
        """Ask about one picture, as it is and as base64 in JSON: the answers must be the same."""
        actual, content = artifacts.test_picture(images.cloud, best)
        picture = self.rehearsal.folder / f"{actual}.png"
        picture.write_bytes(content)
        with self.rehearsal.step("predict over HTTP"):
            begun = time.monotonic()
            response = predictions.send(images, content, content_type="image/png")
            took = time.monotonic() - begun
            again = predictions.ask(images, {"instances": [{"b64": base64.b64encode(content).decode()}]})
        if response != again:
            raise CommandError(f"The answer to a picture is {response}, and {again} to the same picture in JSON.")
        asked = predictions.path(images)
        return Prediction(asked, {"file": picture.name, "actual": actual}, response, took)
