"""The routes of a function behind the portal: what is refused, missing or failed is answered in one form."""

from http import HTTPStatus

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from portal.answer import refusal
from portal.problem import ProblemError, not_found

FAILED = ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "This does not work now: try again.")


def resolver(logger: Logger) -> APIGatewayRestResolver:
    """Return routes that are still empty. What is logged has no content: neither of requests nor of errors."""
    app = APIGatewayRestResolver()

    def answer(problem: ProblemError) -> Response[str]:
        return refusal(problem, app.current_event.request_context.request_id)

    @app.exception_handler(ProblemError)  # type: ignore[untyped-decorator]
    def on_refusal(problem: ProblemError) -> Response[str]:
        logger.info("Refused", extra={"status": problem.status.value, "code": problem.code})
        return answer(problem)

    @app.exception_handler(Exception)  # type: ignore[untyped-decorator]
    def on_failure(error: Exception) -> Response[str]:
        logger.error("Failed", extra={"cause": type(error).__name__})
        return answer(FAILED)

    @app.not_found
    def on_absence(_: Exception) -> Response[str]:
        return answer(not_found())

    return app
