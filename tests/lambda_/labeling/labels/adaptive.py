"""A job that asks until it is sure, on a generated crowd: 15 people of whom 5 do not look, 400 objects of 5 classes.

In each round everybody who is not paused does a task, later five; then it is decided anew what is asked and who is
paused.
"""

import random
from collections import Counter
from dataclasses import dataclass

from labels.consolidation.classes import Vote, consolidate
from labels.guessing import guessers
from labels.redundancy import check_for, objects_to_ask
from tests.lambda_.labeling.labels.crowds import people_of

CLASSES = tuple("01234")
PEOPLE, SPAMMERS, OBJECTS, KNOWN = 15, 5, 400, 20
SLOW_ROUNDS = 20


@dataclass(frozen=True)
class Outcome:
    """The share of objects with the right class, answers an object with those about known ones, and who was paused."""

    accuracy: float
    answers: float
    paused: dict[int, int]
    """After how many tasks, by person."""


def run(seed: int) -> Outcome:
    """Work through a job."""
    dice = random.Random(seed)
    crowd = people_of(dice, len(CLASSES), PEOPLE, SPAMMERS)
    truth = {str(number): dice.choice(CLASSES) for number in range(OBJECTS)}
    gold = {f"known-{number}": dice.choice(CLASSES) for number in range(KNOWN)}
    votes: list[Vote] = []
    paused: dict[int, int] = {}
    tasks, rounds = Counter[int](), 0
    answered: dict[int, set[str]] = {who: set() for who in range(PEOPLE)}
    while needed := list(objects_to_ask(votes, CLASSES, truth, gold=gold)):
        rounds += 1
        before = len(votes)
        for who in dice.sample(range(PEOPLE), PEOPLE) * (1 if rounds <= SLOW_ROUNDS else 5):
            if who in paused:
                continue
            name = check_for(str(who), tasks[who], answered[who] & gold.keys(), gold)
            if not name:
                name = next((each for each in needed if each not in answered[who]), None)
                if not name:
                    continue
                needed.remove(name)
            answered[who].add(name)
            true = int((truth | gold)[name])
            votes.append(Vote(name, str(who), dice.choices(CLASSES, crowd[who][true])[0]))
            tasks[who] += 1
        for guesser in map(int, guessers(votes, CLASSES, gold)):
            paused.setdefault(guesser, tasks[guesser])
        if len(votes) == before:
            break
    labels = consolidate(votes, CLASSES, gold).labels
    right = sum(labels[name].name == true for name, true in truth.items())
    return Outcome(right / OBJECTS, len(votes) / OBJECTS, paused)
