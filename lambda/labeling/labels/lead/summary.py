"""All figures of a job as JSON: those of a report, and those of who leads a job that runs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from labels import quality_of_job
from labels.consolidation.classes import UnknownClassError
from labels.job import JobError
from labels.lead.people import Work, work_of
from labels.lead.progress import Progress, progress_of
from labels.quality import Pair, Person, Quality, Share, cost_of_a_correct_label
from labels.task import Lease, Object
from labels.tree import Tree

Json = dict[str, Any]


def of_quality(quality: Quality, names: Mapping[str, str], cost: float | None) -> Json:
    """Return how good the answers are; `names` are how people know the objects, `cost` that of a correct label."""
    return {
        "objects": quality.objects,
        "answers": quality.answers,
        "alpha": None if quality.alpha is None else round(quality.alpha, 4),
        "overlap": None if quality.overlap is None else round(quality.overlap, 4),
        "accuracy": round(quality.accuracy, 4),
        "seconds": quality.seconds,
        "usd_of_a_correct_label": None if cost is None else round(cost, 6),
        "people": [_person(each, names) for each in quality.people],
        "classes": [
            {
                "class": each.name,
                "objects": each.objects,
                "found": round(each.found, 4),
                "trusted": round(each.trusted, 4),
            }
            for each in quality.classes
        ],
        "confusions": _pairs(quality.confusions, names),
        "disagreements": [
            {
                "object": names[name],
                "class": label.name,
                "probability": round(max(label.probabilities), 4),
                "answers": dict(said),
            }
            for name, label, said in quality.disagreements
        ],
    }


def of_job(  # noqa: PLR0913 - what there is to know
    things: Iterable[Object],
    leases: Sequence[tuple[str, Lease]],
    tree: Tree,
    *,
    now: int,
    worker: Callable[[str], str],
    categories: Sequence[str] = (),
    known: Mapping[int, Mapping[str, Any]] | None = None,
    attribute: str = "",
    usd_an_hour: float | None = None,
    usd_for_aws: float = 0.0,
    names: Mapping[str, str] | None = None,
) -> Json:
    """Return the figures of a job that runs, in which objects are called by their sources, or as `names` say.

    `leases` have those who hold them by the id that the user pool knows, `worker` returns the one that answers have.
    `known` are lines with the right label of `attribute`, as in `labels.quality_of_job`. Where the quality of answers
    cannot be told, "unmeasured" says why.
    """
    work = {worker(each.worker): each for each in work_of(leases)}
    sources = {str(number): str(line.get("source-ref", line.get("source"))) for number, line in enumerate(tree.lines)}
    progress = of_progress(progress_of(things, (lease for _, lease in leases), now))
    try:
        quality = quality_of_job.of(
            tree, categories, known, attribute, {name: each.skips for name, each in work.items()}
        )
    except (JobError, UnknownClassError) as error:
        people = [{"worker": name, "work": _work(each)} for name, each in work.items()]
        return {"progress": progress, "people": people, "unmeasured": str(error)}
    cost = None
    if usd_an_hour is not None:
        cost = cost_of_a_correct_label(quality, usd_an_hour=usd_an_hour, usd_for_aws=usd_for_aws)
    found = of_quality(quality, names or sources, cost)
    judged = {each["worker"]: each for each in found["people"]}
    people = [
        {"worker": name, **judged.get(name, {}), **({"work": _work(work[name])} if name in work else {})}
        for name in dict.fromkeys([*judged, *work])
    ]
    return {**found, "progress": progress, "people": people}


def of_progress(progress: Progress) -> Json:
    """Return how far a job is."""
    return {
        "objects": progress.objects,
        "stages": {stage.value: count for stage, count in progress.stages.items()},
        "answers": progress.answers,
        "held": progress.held,
        "missing": progress.missing,
        "share": round(progress.share, 4),
        "forecast": asdict(progress.forecast),
        "closing": progress.closing,
    }


def _work(work: Work) -> Json:
    return {
        "answers": work.answers,
        "held": work.held,
        "skips": work.skips,
        "reasons": dict(work.reasons),
        "expired": work.expired,
        "seconds": work.seconds,
        "active": work.active,
        "an_hour": None if work.an_hour is None else round(work.an_hour, 1),
        "seen": work.seen,
    }


def _person(person: Person, names: Mapping[str, str]) -> Json:
    return {
        "worker": person.worker,
        "answers": person.answers,
        "skips": person.skips,
        "seconds": person.seconds,
        "accuracy": round(person.accuracy, 4),
        "gold": _share(person.gold),
        "agreement": _share(person.agreement),
        "paused": person.paused or None,
        "confusions": _pairs(person.confusions, names),
    }


def _share(share: Share) -> Json:
    return {"right": share.right, "of": share.of}


def _pairs(pairs: Sequence[Pair], names: Mapping[str, str]) -> list[Json]:
    return [
        {
            "actual": pair.actual,
            "said": pair.said,
            "times": round(pair.times, 2),
            "objects": [names[name] for name in pair.objects],
        }
        for pair in pairs
    ]
