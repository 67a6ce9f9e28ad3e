"""How a job goes: the figures of `labels.lead`, of what stands in the table now."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from labels import output, request, steering
from labels.lead import summary
from task_store.jobs import Job
from task_store.lookout import Sight
from task_store.results import SUBS, result_of

AWS: Final = 0.0002
"""USD that an answer costs of AWS, by the forecast in docs/cost.md of 0.20 USD for 1,000."""
MOST_SHOWN, MOST_OF_A_PAIR = 60, 6
"""Disagreements that are shown, the least sure first, and objects of which a class was taken for another."""


def figures(job: Job, sight: Sight, now: int, rate: float | None) -> dict[str, Any]:
    """Return the figures of a job, in which objects are called by their ids and people by those of the pool."""
    ids = list(sight.objects)
    results = [result_of(SUBS, each, seen.thing, seen.line, seen.leases) for each, seen in sight.objects.items()]
    tree = output.tree(job.name, results)
    leases = list(sight.leases())
    attribute = steering.steering(request.read(json.loads(job.request))).known if job.known else ""
    found = summary.of_job(
        [each.thing for each in sight.objects.values()],
        leases,
        tree,
        now=now,
        worker=lambda sub: sub,
        categories=job.categories,
        known={number: tree.lines[number] for number, each in enumerate(ids) if each in job.known},
        attribute=attribute,
        usd_an_hour=rate,
        usd_for_aws=AWS * sum(len(answers) for answers in tree.answers.values()),
        names={str(number): each for number, each in enumerate(ids)},
    )
    found["disagreements"] = found.get("disagreements", [])[:MOST_SHOWN]
    for pair in pairs(found):
        pair["objects"] = pair["objects"][:MOST_OF_A_PAIR]
    return found | {"unread": sight.unread, "known": len(job.known)}


def pairs(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return all that was taken for something else, by everybody together and by each person."""
    return [*found.get("confusions", ()), *(pair for each in found["people"] for pair in each.get("confusions", ()))]


def with_names(found: dict[str, Any], name: Callable[[str], str], barred: Callable[[str], str]) -> dict[str, Any]:
    """Return figures in which people have their names, and why they are given nothing new, where they are."""
    people = [
        {**each, "name": name(each["worker"]), "barred": barred(each["worker"])} for each in found.get("people", ())
    ]
    return found | {"people": people}


def sources(sight: Sight, found: Mapping[str, Any]) -> dict[str, str]:
    """Return what the objects that figures name are of, by their ids: the text, or the URI of the picture."""
    named_ = {identity for pair in pairs(found) for identity in pair["objects"]}
    named_ |= {each["object"] for each in found["disagreements"]}
    lines = {identity: sight.objects[identity].line for identity in named_}
    return {identity: str(line.get("source", line.get("source-ref"))) for identity, line in lines.items()}
