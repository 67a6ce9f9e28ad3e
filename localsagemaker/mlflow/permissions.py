"""What the operations on MLflow apps act on."""

from localsagemaker.kernel.authorization import Permissions, by_arn, by_new
from localsagemaker.mlflow.kinds import KINDS, MLFLOW_APP

PERMISSIONS = Permissions(
    KINDS,
    {
        "CreateMlflowApp": by_new(MLFLOW_APP),
        **dict.fromkeys(
            ("DescribeMlflowApp", "UpdateMlflowApp", "DeleteMlflowApp", "CreatePresignedMlflowAppUrl"), by_arn("Arn")
        ),
    },
)
