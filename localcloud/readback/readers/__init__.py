"""How each type is read, one table for each family of services."""

from collections.abc import Mapping

from localcloud.readback.readers import (
    analytics,
    apis,
    functions,
    identity,
    machines,
    messages,
    network,
    sagemaker,
    storage,
    telemetry,
    users,
)
from localcloud.readback.reading import Reader

READERS: Mapping[str, Reader] = {
    **storage.READERS,
    **identity.READERS,
    **functions.READERS,
    **messages.READERS,
    **telemetry.READERS,
    **machines.READERS,
    **apis.READERS,
    **network.READERS,
    **sagemaker.READERS,
    **analytics.READERS,
    **users.READERS,
}
"""What reads a resource of each type. A type that is not here is refused, unless it is on the list of recorded ones."""
