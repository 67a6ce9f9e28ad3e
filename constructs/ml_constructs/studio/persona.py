"""Who works with the platform."""

from enum import StrEnum


class Persona(StrEnum):
    """The work of a person on the platform, from which their rights follow: `ml_constructs.studio.rights`."""

    DATA_SCIENTIST = "data scientist"
    """Publishes data, starts runs, compares experiments; registers and approves nothing."""
    ML_ENGINEER = "ML engineer"
    """Also approves models, sees endpoints and interrupts jobs."""
    ANNOTATION_LEAD = "annotation lead"
    """Keeps the data that is to be labeled; has nothing to do with models."""
    AUDITOR = "auditor"
    """Reads how everything is set up and what was done; no data."""
