"""The image classifier end to end: pictures published, two runs, the better one registered, served and asked."""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from mdlc.client import predictions, steps, versions
from mdlc.client import vision_runs as artifacts
from mdlc.client.aws import Cloud
from mdlc.client.steps import Run
from mdlc.demos import runs, stages
from mdlc.demos.rehearsal import Rehearsal
from mdlc.errors import CommandError
from mdlc.report import images as report
from mdlc.report.data import Prediction
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
    runs: list[Run] = field(default_factory=list)

    def run(self) -> dict[str, Any]:
        """Do it all and return the summary; raise `CommandError` at the first step that fails, with its reason.

        Where the environment has no endpoint none is asked, and where it has no API the endpoint itself is.
        """
        planned = self._planned()
        begun = time.monotonic()
        cloud = self.rehearsal.platform()
        deployed = time.monotonic()
        folder = stages.data(self.rehearsal, IMAGES, self.data, seed=SEED)
        version = stages.publish(self.rehearsal, cloud, IMAGES, folder)
        experiment = f"demo-{steps.new_name()}"
        for comment, hyperparameters in planned.items():
            run = runs.train(
                self.rehearsal,
                cloud,
                IMAGES,
                version=version,
                experiment=experiment,
                comment=comment,
                hyperparameters=hyperparameters,
            )
            self.runs.append(run)
        best = runs.best_of(self.rehearsal, cloud, IMAGES, experiment, self.runs)
        served, prediction = self._serve(cloud, next(run for run in self.runs if run.arn == best["execution"]))
        finished = time.monotonic()
        with self.rehearsal.step("write the report"):
            found = [artifacts.read(cloud, run) for run in self.runs]
        summary = {
            "system": IMAGES.name,
            "environment": self.rehearsal.environment,
            "cloud": cloud.description,
            "steps": [step.as_json() for step in self.rehearsal.steps],
            "metrics": {best["metric"]: best["value"]},
            "model_version": served,
            "resources": runs.resources(self.rehearsal.environment),
            "replaced": list(self.rehearsal.replaced),
            "prediction": prediction.as_json() if prediction else None,
            "recorded": runs.recorded(self.rehearsal, cloud, experiment, self.runs),
            "result": {"experiment": experiment, "best": best, "runs": [each.as_json() for each in found]},
            "setup_seconds": round(deployed - begun, 3),
            "run_seconds": round(finished - deployed, 3),
        }
        page = report.write(cloud, summary, found, self.rehearsal.folder)
        return {"report": str(page), **summary}

    def _planned(self) -> Mapping[str, Mapping[str, str]]:
        """Return the runs; a data set of one's own says itself how many classes it has."""
        if self.data is None:
            return PLANNED
        versions.read(IMAGES.name, self.data, IMAGES.files)
        classes = [entry for entry in self.data.iterdir() if entry.is_dir() and entry.name != "weights"]
        return {comment: {**given, "num-classes": str(max(2, len(classes)))} for comment, given in PLANNED.items()}

    def _serve(self, cloud: Cloud, best: Run) -> tuple[int, Prediction | None]:
        """Approve the package of the best run, wait for its roll-out, and ask it about a picture of the test set."""
        number = int(str(best.result["Registration"]["ModelPackageArn"]).rpartition("/")[2])
        environment = self.rehearsal.environment
        if not cloud.find_output(environment, IMAGES.serving_stack, IMAGES.endpoint_output):
            return number, None
        stages.approve(self.rehearsal, cloud, IMAGES, number)
        return number, self._ask(cloud, best)

    def _ask(self, cloud: Cloud, best: Run) -> Prediction:
        """Ask for one picture, as it is and as base64 in JSON: the answers must be the same."""
        environment, (actual, content) = self.rehearsal.environment, artifacts.test_picture(cloud, best)
        picture = self.rehearsal.folder / f"{actual}.png"
        picture.write_bytes(content)
        with self.rehearsal.step("predict over HTTP"):
            begun = time.monotonic()
            response = predictions.send(cloud, IMAGES, environment, content, content_type="image/png")
            took = time.monotonic() - begun
            request = {"instances": [{"b64": base64.b64encode(content).decode()}]}
            again = predictions.ask(cloud, IMAGES, environment, request)
        if response != again:
            raise CommandError(f"The answer to a picture is {response}, and {again} to the same picture in JSON.")
        asked = predictions.path(cloud, IMAGES, environment)
        return Prediction(asked, {"file": picture.name, "actual": actual}, response, took)


def told(summary: Mapping[str, Any]) -> str:
    """Say what came of it."""
    result, resources, prediction = summary["result"], summary["resources"], summary["prediction"]
    best = result["best"]
    answer = json.dumps(prediction["response"]["predictions"][0]) if prediction else "no API to ask"
    return (
        f"{len(result['runs'])} runs, best {best['comment']!r} with {best['metric']} {best['value']:.4f}\n"
        f"version {summary['model_version']}: {answer}\n"
        f"resources: {resources['created']} created, {resources['recorded']} recorded, {resources['refused']} refused, "
        f"{len(summary['replaced'])} replaced\n"
        f"platform {summary['setup_seconds']:.1f} s, pictures to prediction {summary['run_seconds']:.1f} s\n"
        f"report {summary['report']}; the local cloud stays up until mdlc local down"
    )
