"""The kind of resource that MLflow apps are."""

from localsagemaker.kernel.kinds import Kind, Template

MLFLOW_APP = Kind(
    "MlflowApp",
    "mlflow-app",
    "MlflowAppId",
    "ResourceNotFound",
    template=Template(reference="arn", replacing=("Name", "RoleArn")),
)
KINDS = (MLFLOW_APP,)
