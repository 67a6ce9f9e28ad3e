"""Labeling end to end: two jobs, people of known skill who answer at the portal over HTTP, and what came of it."""

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Final

from labels import quality, quality_of_job
from labels.tree import Tree, load
from mdlc.client import steps, waiting
from mdlc.client.aws import Cloud, split_s3_uri
from mdlc.client.portal import Portal
from mdlc.client.workforce import LEADS, Workforce
from mdlc.demos.clock import Clock
from mdlc.demos.rehearsal import Rehearsal
from mdlc.errors import CommandError
from mdlc.labels import Client
from mdlc.report import labeling as report
from mdlc.report import labels as report_of_job
from mdlc.report import resources
from mdlc.report.summary import Summary
from mdlc.systems.labels.crowd import PEOPLE, Labeler
from mdlc.systems.labels.generate import generate
from mdlc.systems.labels.jobs import EACH, Fish, Job, Moods
from mdlc.systems.labels.known import Known, marks_of, read, score

NAME: Final = "labels"
SEED: Final = 42
PICTURES, SENTENCES = 40, 40
AT_ONCE: Final = 5
"""Tasks that a person takes up together."""
USD_AN_HOUR: Final = 12.0
"""What an hour of a person's work is reckoned at in the report."""
ENDED: Final = ("Completed", "Failed", "Stopped")
PATIENCE: Final = 900.0
"""Seconds that a job may take to end when all is answered."""
PAUSE: Final = 0.5
"""Seconds after which somebody who has nothing to do looks again, as the portal says."""
_MANIFEST: Final = "/manifests/output/output.manifest"


@dataclass
class Demo:
    """One run on the two manifests in `data`, or on generated ones."""

    rehearsal: Rehearsal
    data: Path | None
    metrics: dict[str, float] = field(default_factory=dict)

    def run(self) -> Summary:
        """Run the demo and return the summary; raise `CommandError` at the first thing that is not as it must be."""
        given = read(self.data) if self.data else None
        clock = Clock()
        cloud = clock.platform(self.rehearsal)
        known = given or self._generate()
        jobs = self._make(cloud, known)
        workforce = Workforce(self.rehearsal.environment, cloud)
        with self._people(workforce) as passwords:
            self._work(cloud.api_url(workforce.portal), jobs, passwords)
        trees = [self._end(cloud, job) for job in jobs]
        clock.end()
        with self.rehearsal.step("write the report"):
            return self._report(cloud, clock, known, dict(zip(jobs, trees, strict=True)))

    @property
    def _folder(self) -> Path:
        return self.data or self.rehearsal.folder / "data"

    def _generate(self) -> Known:
        with self.rehearsal.step("generate data"):
            generate(self._folder, seed=SEED, pictures=PICTURES, sentences=SENTENCES)
            return read(self._folder)

    def _make(self, cloud: Cloud, known: Known) -> Sequence[Job]:
        """Put what the jobs name into the folder of labeling, and make them."""
        environment = self.rehearsal.environment
        bucket, folder = cloud.output(environment, "DataBucketName", "data bucket"), f"{NAME}-{steps.new_name()}"
        client, team = Client(environment, cloud), _team(Workforce(environment, cloud))
        place = f"labeling/{folder}"
        jobs = [kind(known, f"s3://{bucket}/{place}") for kind in (Fish, Moods)]
        with self.rehearsal.step("make the jobs"):
            for each in known.pictures:
                content = (self._folder / each.file).read_bytes()
                cloud.s3.put_object(Bucket=bucket, Key=f"{place}/{each.file}", Body=content)
            for job in jobs:
                for name, text in job.files.items():
                    cloud.s3.put_object(Bucket=bucket, Key=f"{place}/{name}", Body=text.encode())
                client.create_labeling_job(**job.request(cloud.session.region_name, team))
        return jobs

    @contextmanager
    def _people(self, workforce: Workforce) -> Iterator[Mapping[str, str]]:
        """Invite everybody under a name of this run, with the passwords that they are told; at the end they leave."""
        team, run = _team(workforce), secrets.token_hex(3)
        passwords: dict[str, str] = {}
        try:
            with self.rehearsal.step("invite people"):
                for who in PEOPLE:
                    name = f"{who.name}-{run}"
                    passwords[name] = workforce.invite(name, team)
            yield passwords
        finally:
            for name in passwords:
                workforce.remove(name)

    def _work(self, url: str, jobs: Sequence[Job], passwords: Mapping[str, str]) -> None:
        """Have everybody sign in and work until all is answered; who has nothing to do looks again."""
        wanted, done = EACH * sum(len(job.objects) for job in jobs), count(1)
        end = time.monotonic() + PATIENCE
        left = {job.name: EACH * len(job.objects) for job in jobs}
        with self.rehearsal.step("people label over HTTP") as say:

            def work(who: Labeler, name: str) -> int:
                random, mine = Random(f"{SEED} {who.name}"), 0  # noqa: S311 - a simulation
                with Portal(url) as portal:
                    portal.sign_in(name, passwords[name], f"{secrets.token_urlsafe(12)}-Aa1")
                    for job in jobs:
                        while left[job.name] > 0 and time.monotonic() < end:
                            for _ in _do(portal, job, who, random):
                                mine += 1
                                left[job.name] -= 1
                                say(f"people label over HTTP: {next(done)} of {wanted} answers")
                            time.sleep(PAUSE)
                return mine

            with ThreadPoolExecutor(len(PEOPLE)) as pool:
                given = sum(pool.map(work, PEOPLE, passwords))
        if given != wanted:
            raise CommandError(f"People gave {given} answers, and {wanted} were wanted.")
        self.metrics["answers"] = given

    def _end(self, cloud: Cloud, job: Job) -> Tree:
        """Wait for the end of a job, copy its folder, and return what it holds."""
        client = Client(self.rehearsal.environment, cloud)
        with self.rehearsal.step(f"labels of {job.kind}"):
            found = waiting.until(
                lambda: client.describe_labeling_job(LabelingJobName=job.name),
                lambda read: read["LabelingJobStatus"] in ENDED,
                late=lambda read: f"{job.name} is still {read['LabelingJobStatus']}",
                timeout=PATIENCE,
                interval=cloud.poll_seconds,
            )
            if found["LabelingJobStatus"] != "Completed":
                raise CommandError(f"{job.name} is {found['LabelingJobStatus']}: {found.get('FailureReason', '')}")
            made = found["LabelingJobOutput"]["OutputDatasetS3Uri"]
            return load(_copy(cloud, made.removesuffix(_MANIFEST), self.rehearsal.folder / "jobs"))

    def _report(self, cloud: Cloud, clock: Clock, known: Known, trees: Mapping[Job, Tree]) -> Summary:
        found = {job.kind: quality_of_job.of(tree, job.classes) for job, tree in trees.items()}
        for job in trees:
            names = dict(enumerate(job.objects))
            cost = quality.cost_of_a_correct_label(found[job.kind], usd_an_hour=USD_AN_HOUR)
            page = self.rehearsal.folder / job.kind
            report_of_job.write(job.name, found[job.kind], {str(each): names[each] for each in names}, cost, page)
        fish, moods = trees.values()
        marks = [marks_of(line["boxes"], line["boxes-metadata"]) for line in fish.lines]
        f1, alike = score([each.marks for each in known.pictures], marks)
        right = [
            line["mood-metadata"]["class-name"] == mood
            for line, (_, mood) in zip(moods.lines, known.sentences, strict=True)
        ]
        share = sum(right) / len(right)
        figures = {"boxes_f1": round(f1, 4), "boxes_iou": round(alike, 4), "moods_right": round(share, 4)}
        self.metrics |= {"objects": sum(len(job.objects) for job in trees), **figures}
        paused = {kind: {each.worker: each.paused for each in of.people if each.paused} for kind, of in found.items()}
        place, way = resources.find(cloud, self.rehearsal.environment), clock.way(self.rehearsal)
        summary = Summary(
            system=NAME,
            environment=self.rehearsal.environment,
            cloud=place.description,
            steps=way.steps,
            metrics=self.metrics,
            resources=place.counts,
            properties=place.properties,
            way=way,
            headline=[
                f"{self.metrics['answers']} answers of {len(PEOPLE)} people about {self.metrics['objects']} objects",
                f"boxes: F1 {f1:.3f}, mean overlap {alike:.3f}; moods: {share:.0%} right",
                *(f"{kind}: {len(names)} of {len(PEOPLE)} people are to be paused" for kind, names in paused.items()),
            ],
            more={
                "data": str(self.data) if self.data else f"generated, seed {SEED}",
                "jobs": {job.kind: job.name for job in trees},
                "paused": paused,
            },
        )
        shown = [
            report.Shown(self._folder / each.file, each.size, each.marks, said, _drawn(fish, number))
            for number, (each, said) in enumerate(zip(known.pictures, marks, strict=True))
        ]
        return replace(summary, report=report.write(summary, place, found, shown, self.rehearsal.folder))


def _team(workforce: Workforce) -> str:
    return next(each for each in workforce.teams() if each != LEADS)


def _do(portal: Portal, job: Job, who: Labeler, random: Random) -> Iterator[str]:
    """Answer the tasks of a job until there is none; yield the id of each."""
    numbers = {name: number for number, name in enumerate(job.objects)}
    while given := portal.next(job.name, AT_ONCE):
        for task in given:
            number = numbers[task["input"]["taskObject"]]
            portal.answer(task["id"], f"answer-{number:08}", job.answer(who, number, random), who.seconds)
            yield task["id"]


def _drawn(tree: Tree, number: int) -> list[Any]:
    """Return what each person drew in a picture."""
    return [getattr(answer, "marks", ()) for answer in tree.answers.get(number, ())]


def _copy(cloud: Cloud, uri: str, folder: Path) -> Path:
    """Copy the objects below a URI to a folder of its last name in `folder`; return it."""
    bucket, prefix = split_s3_uri(f"{uri}/")
    target = folder / uri.rpartition("/")[2]
    for page in cloud.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for each in page.get("Contents", ()):
            file = target / each["Key"].removeprefix(prefix)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(cloud.read_bytes(f"s3://{bucket}/{each['Key']}"))
    return target
