"""What an execution may say of the deployment of the model that it registers."""

from ml_constructs.foundation.values import Parameter

INSTANCE_TYPES = ("ml.m5.large", "ml.m5.xlarge", "ml.m5.2xlarge", "ml.c5.xlarge", "ml.c5.2xlarge")


class Deployment:
    """`instance_count` instances of `instance_type`, unless an execution asks for others: at most `maximum`.

    SageMaker refuses an execution that asks for what is not allowed before any step of it starts. The count is a text,
    because only parameters of type String list what they allow.
    """

    def __init__(self, *, instance_type: str, instance_count: int, maximum: int) -> None:
        counts = [str(count) for count in range(1, maximum + 1)]
        self.instance_type = Parameter.string("DeployInstanceType", instance_type, allowed=INSTANCE_TYPES)
        self.instance_count = Parameter.string("DeployInstanceCount", str(instance_count), allowed=counts)

    @property
    def parameters(self) -> tuple[Parameter, Parameter]:
        """Parameters of the pipeline."""
        return self.instance_type, self.instance_count

    @property
    def metadata(self) -> dict[str, Parameter]:
        """Metadata of the model package, which the roll-out reads."""
        return {"deploy-instance-type": self.instance_type, "deploy-instance-count": self.instance_count}
