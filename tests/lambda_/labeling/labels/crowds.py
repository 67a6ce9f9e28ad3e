"""Generated crowds of known skill, and the rules that AWS publishes, to measure ours against."""

import random
from collections.abc import Mapping, Sequence
from math import prod, sqrt

from labels.consolidation.boxes import Box, overlap
from labels.consolidation.classes import Vote
from labels.consolidation.clusters import clusters
from labels.consolidation.marks import Mark

KINDS = ("bream", "carp", "perch")
Boxes = Mapping[str, Sequence[tuple[str, Box]]]
Drawn = Mapping[str, Mapping[str, Sequence[Mark[Box]]]]


def votes_of(seed: int, objects: int, each: int, classes: int, spammers: float) -> tuple[list[Vote], dict[str, str]]:
    """Votes of `each` people about every object, and the truth.

    People are right in .6 to .95 of the cases and err partly as all do, partly in their own way; of those who do not
    look, one half says anything and the other always the same.
    """
    dice = random.Random(seed)
    shared = [[dice.random() ** 3 for _ in range(classes)] for _ in range(classes)]
    crowd = [_person(dice, shared, spammers) for _ in range(min(60, max(6, objects * each // 60)))]
    frequent = [dice.uniform(0.5, 1.5) for _ in range(classes)]
    truth = dice.choices(range(classes), frequent, k=objects)
    votes = [
        Vote(str(number), str(who), str(dice.choices(range(classes), crowd[who][true])[0]))
        for number, true in enumerate(truth)
        for who in dice.sample(range(len(crowd)), each)
    ]
    return votes, {str(number): str(true) for number, true in enumerate(truth)}


def people_of(dice: random.Random, classes: int, people: int, spammers: int) -> list[list[list[float]]]:
    """How often each of so many people gives which class about which; the first, `spammers`, do not look.

    The others are right in .75 to .95 of the cases and err in all directions alike. Of 15 people with 5 spammers and 5
    classes a majority of five is right in .875 of the cases, and the model of all votes in .946, as in the study.
    """
    crowd = []
    for who in range(people):
        if who < spammers:
            crowd.append(_person(dice, [[1.0] * classes] * classes, 1.0))
        else:
            right = dice.uniform(0.75, 0.95)
            wrong = (1 - right) / (classes - 1)
            crowd.append([[right if said == true else wrong for said in range(classes)] for true in range(classes)])
    return crowd


def _person(dice: random.Random, shared: Sequence[Sequence[float]], spammers: float) -> list[list[float]]:
    classes = range(len(shared))
    if dice.random() < spammers:
        if dice.random() < 0.5:
            return [[1 / len(shared) for _ in classes] for _ in classes]
        always = dice.randrange(len(shared))
        return [[float(said == always) for said in classes] for _ in classes]
    rows = []
    for true in classes:
        right = min(0.98, max(0.3, dice.uniform(0.6, 0.95) + dice.gauss(0, 0.05)))
        errs = [0.0 if said == true else shared[true][said] + 0.5 * dice.random() ** 3 for said in classes]
        rows.append([right if said == true else (1 - right) * errs[said] / sum(errs) for said in classes])
    return rows


def modified_dawid_skene(votes: Sequence[Vote], classes: int, epochs: int = 2) -> dict[str, str]:
    """Labels by the model that Amazon published for Ground Truth, which stops after two epochs.

    Source: amazon-sagemaker-examples, ground_truth_labeling_jobs/annotation_consolidation (MulticlassDawidSkeneEM):
    rows of people begin with .7 on the diagonal; each M-step adds the person's own accuracy with the weight of their
    votes, and everybody's mean accuracy with half of it.
    """
    size = range(classes)
    by_object: dict[str, list[tuple[str, int]]] = {}
    by_worker: dict[str, list[tuple[str, int]]] = {}
    for vote in votes:
        by_object.setdefault(vote.object, []).append((vote.worker, int(vote.label)))
        by_worker.setdefault(vote.worker, []).append((vote.object, int(vote.label)))

    def alike(accuracy: float) -> list[list[float]]:
        return [[accuracy if true == said else (1 - accuracy) / (classes - 1) for said in size] for true in size]

    def believe(given: Sequence[tuple[str, int]]) -> list[float]:
        odds = [frequent[true] * prod(rows[worker][true][said] for worker, said in given) for true in size]
        return [each / sum(odds) for each in odds]

    rows, frequent, everybody = {worker: alike(0.7) for worker in by_worker}, [1 / classes for _ in size], 0.7
    for _ in range(epochs):
        beliefs = {name: believe(given) for name, given in by_object.items()}
        frequent = [sum(each[true] for each in beliefs.values()) / len(beliefs) for true in size]
        accuracies = []
        for worker, said_of in by_worker.items():
            counts = [[0.0 for _ in size] for _ in size]
            for name, said in said_of:
                for true in size:
                    counts[true][said] += beliefs[name][true]
            votes_given = len(said_of)
            own, mean = alike(sum(counts[true][true] for true in size) / votes_given), alike(everybody)
            sums = [
                [
                    counts[true][said] + votes_given * own[true][said] + votes_given / 2 * mean[true][said]
                    for said in size
                ]
                for true in size
            ]
            rows[worker] = [[each / sum(row) for each in row] for row in sums]
            accuracies.append(sum(rows[worker][true][true] * frequent[true] for true in size))
        everybody = sum(accuracies) / len(accuracies)
    labels = {}
    for name, given in by_object.items():
        belief = believe(given)
        labels[name] = str(belief.index(max(belief)))
    return labels


def boxes_of(seed: int, pictures: int, each: int, people: int = 12, careless: float = 0.15) -> tuple[Boxes, Drawn]:
    """Boxes in pictures of 800 by 600 pixels, and what `each` people of a crowd drew.

    Corners of careful people lie apart by .01 to .055 of a box's size, those of careless ones by .12 to .25.
    """
    dice = random.Random(seed)
    crowd = [
        (dice.uniform(0.12, 0.25), dice.uniform(0.5, 0.8), dice.uniform(0.3, 0.8), dice.uniform(0.5, 0.8))
        if dice.random() < careless
        else (dice.uniform(0.01, 0.055), dice.uniform(0.88, 0.99), dice.uniform(0.02, 0.12), dice.uniform(0.93, 0.99))
        for _ in range(people)
    ]
    truth: dict[str, list[tuple[str, Box]]] = {}
    drawn: dict[str, dict[str, list[Mark[Box]]]] = {}
    for picture in map(str, range(pictures)):
        truth[picture] = [(dice.choice(KINDS), _box(dice)) for _ in range(dice.randint(1, 6))]
        drawn[picture] = {}
        for who in dice.sample(range(people), each):
            apart, finds, imagines, right = crowd[who]
            marks = [
                Mark(kind if dice.random() < right else dice.choice(KINDS), _redrawn(dice, box, apart))
                for kind, box in truth[picture]
                if dice.random() < finds
            ]
            if dice.random() < imagines:
                marks.append(Mark(dice.choice(KINDS), _box(dice)))
            drawn[picture][f"person-{who}"] = marks
    return truth, drawn


def _box(dice: random.Random) -> Box:
    width, height = dice.uniform(30, 160), dice.uniform(30, 160)
    return Box(dice.uniform(0, 800 - width), dice.uniform(0, 600 - height), width, height)


def _redrawn(dice: random.Random, box: Box, apart: float) -> Box:
    deviation = apart * sqrt(box.width * box.height) * (3 if dice.random() < 0.03 else 1)
    corners = (box.left, box.top, box.left + box.width, box.top + box.height)
    left, top, right, bottom = (side + dice.gauss(0, deviation) for side in corners)
    return Box(min(left, right - 1), min(top, bottom - 1), max(right - left, 1), max(bottom - top, 1))


def ground_truth_boxes(drawn: Drawn) -> Boxes:
    """Boxes by Ground Truth's documented rule: the most similar ones by Jaccard's index, averaged.

    What fewer than half of the people drew is none; the class is what most said, the first of the alphabet of equals.
    """
    found: dict[str, list[tuple[str, Box]]] = {}
    for picture, by_worker in drawn.items():
        made = [(worker, mark) for worker, marks in by_worker.items() for mark in marks]
        alike = {
            (first, second): value
            for first in range(len(made))
            for second in range(first + 1, len(made))
            if (value := overlap(made[first][1].shape, made[second][1].shape)) > 0
        }
        found[picture] = []
        for group in clusters([worker for worker, _ in made], alike, 0.5):
            if 2 * len(group) > len(by_worker):
                shapes = [made[position][1].shape for position in group]
                said = sorted(made[position][1].label for position in group)
                mean = Box(*(sum(sides) / len(shapes) for sides in zip(*shapes, strict=True)))
                found[picture].append((max(said, key=said.count), mean))
    return found


def score(found: Boxes, truth: Boxes) -> tuple[float, float]:
    """F1 of the boxes that have the right class and an overlap of half, and the mean overlap of those."""
    overlaps, guesses, things = [], 0, 0
    for picture, real in truth.items():
        left = list(real)
        for kind, box in found[picture]:
            best = max((each for each in left if each[0] == kind), key=lambda each: overlap(each[1], box), default=None)
            if best and overlap(best[1], box) >= 0.5:
                overlaps.append(overlap(best[1], box))
                left.remove(best)
        guesses += len(found[picture])
        things += len(real)
    return 2 * len(overlaps) / (guesses + things), sum(overlaps) / len(overlaps)
