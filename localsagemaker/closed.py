"""What AWS has closed to accounts that did not use it before, and where else the same request goes.

Source: SageMaker developer guide, availability changes of Ground Truth and Augmented AI (30 July 2026). The words of
AWS's refusal are documented nowhere; that it refuses is.
"""

from collections.abc import Mapping
from typing import Final

from localsagemaker.errors import ServiceError

_GROUND_TRUTH, _A2I = "SageMaker Ground Truth", "Amazon Augmented AI"
CLOSED: Final[Mapping[str, tuple[str, str]]] = {
    "CreateLabelingJob": (_GROUND_TRUTH, "mdlc labels create takes the same request, mdlc.labels.Client the same call"),
    "CreateWorkforce": (_GROUND_TRUTH, "people of an environment are invited with mdlc workteam invite"),
    "CreateWorkteam": (_GROUND_TRUTH, "teams of an environment are those of Labeling(workteams=...)"),
    "CreateHumanTaskUi": (_A2I, "mdlc reviews template create keeps the same template"),
    "CreateFlowDefinition": (_A2I, "mdlc reviews flow create takes the same request"),
    "StartHumanLoop": (_A2I, "mdlc reviews start takes the same request, mdlc.reviews.Client the same call"),
}
"""Operations that make something, the service that is closed, and the way out."""


def refuse(operation: str) -> None:
    """Refuse an operation that AWS has closed. Raises ServiceError."""
    if operation in CLOSED:
        service, way_out = CLOSED[operation]
        raise ServiceError(
            "AccessDeniedException",
            f"{service} has been closed to new customers since 30 July 2026, and {operation} is refused: {way_out}.",
        )
