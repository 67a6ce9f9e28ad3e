"""Answer every question by two evaluators, and say where they disagree or the answer is not the one that is wanted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checks.access.matrix import Matrix
from checks.access.questions.actors import Actor, actors, chosen
from checks.access.questions.question import Ask, Question, QuestionError, Whose
from checks.access.questions.requests import Request, Requests
from checks.access.second.evaluator import Statement, decide
from checks.access.simulation import Simulation, simulate


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What both evaluators say of one request, and by which statements the second allows or denies it."""

    ask: Ask
    request: Request
    first: bool
    second: bool
    by: Sequence[Statement]

    def __str__(self) -> str:
        """Say it in words."""
        verb = "may" if self.second else "may not"
        return f"{self.request.actor.name} {verb} {self.request.action} on {self.request.resource}"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer to a question: what was asked, what both say, and what is wrong with it."""

    question: Question
    verdicts: Sequence[Verdict]
    disagreements: Sequence[str]
    unwanted: Sequence[str]

    @property
    def holds(self) -> bool:
        """Whether both evaluators say what is wanted."""
        return not (self.disagreements or self.unwanted)

    @property
    def allowed(self) -> list[Verdict]:
        """What somebody may."""
        return [each for each in self.verdicts if each.second]

    @property
    def can(self) -> dict[str, dict[str, list[Statement]]]:
        """Who may, by kind and name, with the statements that say so, each once."""
        found: dict[str, dict[str, list[Statement]]] = {}
        for verdict in self.allowed:
            actor = verdict.request.actor
            statements = found.setdefault(actor.kind, {}).setdefault(actor.name, [])
            statements += [each for each in verdict.by if each not in statements]
        return found

    @property
    def who(self) -> list[str]:
        """The kinds of those who may, and whether it is their own things alone."""
        found: dict[str, set[Whose]] = {}
        for verdict in self.allowed:
            found.setdefault(verdict.request.actor.kind, set()).add(verdict.ask.whose)
        return [f"{kind} (their own alone)" if whose == {Whose.OWN} else kind for kind, whose in found.items()]

    @property
    def refusals(self) -> list[Statement]:
        """The statements that deny outright, each once."""
        found: list[Statement] = []
        for verdict in self.verdicts:
            if not verdict.second:
                found += [each for each in verdict.by if each not in found]
        return found

    @property
    def counted(self) -> Mapping[str, int]:
        """How many requests each evaluator allows and denies."""
        first = sum(verdict.first for verdict in self.verdicts)
        second = sum(verdict.second for verdict in self.verdicts)
        every = len(self.verdicts)
        return {"asked": every, "first": first, "second": second}


def answer(simulation: Simulation, questions: Sequence[Question], *, other: str) -> list[Answer]:
    """Answer questions over an environment's templates, `other` being the account of another environment.

    Raise `QuestionError` for a question about what the environment does not have.
    """
    everybody = actors(simulation, Matrix(simulation.settings).systems, other)
    requests = Requests(simulation)
    asked = [
        (question, ask, request)
        for question in questions
        for ask in question.asks
        for request in _requests(requests, question, ask, everybody)
    ]
    verdicts: dict[str, list[Verdict]] = {question.title: [] for question in questions}
    for (question, ask, request), said in zip(asked, simulate([each.simulated for _, _, each in asked]), strict=True):
        decision = decide(request.simulated)
        verdict = Verdict(ask=ask, request=request, first=said, second=decision.allowed, by=decision.by)
        verdicts[question.title].append(verdict)
    return [_judge(question, verdicts[question.title]) for question in questions]


def _requests(requests: Requests, question: Question, ask: Ask, everybody: Sequence[Actor]) -> list[Request]:
    try:
        found = list(requests.of(ask, chosen(everybody, ask.who)))
    except (KeyError, LookupError, QuestionError) as error:
        raise QuestionError(f"{question.title} {error}") from None
    if not found:
        raise QuestionError(f"{question.title} Nobody is asked {', '.join(ask.does)} on {', '.join(ask.on)}.")
    return found


def _judge(question: Question, verdicts: Sequence[Verdict]) -> Answer:
    return Answer(
        question=question,
        verdicts=verdicts,
        disagreements=[f"the evaluators disagree: {each}" for each in verdicts if each.first != each.second],
        unwanted=[
            words
            for ask in question.asks
            for words in _unwanted_answers(ask, [each for each in verdicts if each.ask is ask])
        ],
    )


def _unwanted_answers(ask: Ask, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield who may and should not, and of each kind that should the actions that none of them may."""
    yield from (str(each) for each in verdicts if each.second and each.request.actor.kind not in ask.may)
    for action in ask.does:
        may = {each.request.actor.kind for each in verdicts if each.second and each.request.action == action}
        for kind in ask.may:
            if kind not in may:
                yield f"none of the {kind} may {action} on {', '.join(ask.on)}"


def describe(answers: Sequence[Answer]) -> list[str]:
    """Return what is wrong, a line for each."""
    return [f"{each.question.title} {words}" for each in answers for words in (*each.disagreements, *each.unwanted)]


def as_json(answers: Sequence[Answer]) -> Any:  # noqa: ANN401 - for a file
    """Return the answers in short."""
    return [
        {
            "question": each.question.title,
            "group": each.question.group,
            "holds": each.holds,
            "accepted": each.question.accepted,
            "can": {kind: sorted(names) for kind, names in each.can.items()},
            **each.counted,
        }
        for each in answers
    ]
