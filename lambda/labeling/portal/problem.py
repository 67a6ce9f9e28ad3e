"""What people are told when a request is refused."""

from http import HTTPStatus


class ProblemError(Exception):
    """A refused request: its status, a code for programs, and one sentence."""

    def __init__(self, status: HTTPStatus, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.code, self.sentence = status, code, sentence


def not_found() -> ProblemError:
    """Return the one answer to what is not there, and to what is others'."""
    return ProblemError(HTTPStatus.NOT_FOUND, "not_found", "There is no such thing, or it is not yours.")


def bad(sentence: str) -> ProblemError:
    """Return what is said of bad input."""
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "bad_input", sentence)
