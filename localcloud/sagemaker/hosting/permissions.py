"""What the operations on models and endpoints act on."""

from localcloud.sagemaker.hosting.kinds import ENDPOINT, ENDPOINT_CONFIG, KINDS
from localcloud.sagemaker.kernel.authorization import Permissions, by_name

PERMISSIONS = Permissions(
    KINDS,
    {
        "CreateEndpoint": by_name(ENDPOINT, ENDPOINT_CONFIG),
        "UpdateEndpoint": by_name(ENDPOINT, ENDPOINT_CONFIG),
        "UpdateEndpointWeightsAndCapacities": by_name(ENDPOINT),
        "InvokeEndpoint": by_name(ENDPOINT),
    },
)
