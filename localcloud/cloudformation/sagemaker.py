"""AWS::SageMaker types, one for each kind of resource that CloudFormation knows."""

from collections.abc import Mapping

from localcloud.cloudformation.feature_group import FeatureGroupType
from localcloud.cloudformation.mlflow_app import MlflowAppType
from localcloud.cloudformation.resource_type import SageMakerType
from localcloud.cloudformation.studio import NotebookType, StudioType
from localcloud.hooks.stacks import cloudformation
from localsagemaker.feature_store.kinds import FEATURE_GROUP
from localsagemaker.kernel.kinds import Kind
from localsagemaker.mlflow.kinds import MLFLOW_APP
from localsagemaker.service import SageMaker
from localsagemaker.studio.kinds import NOTEBOOK_INSTANCE

_SPECIAL: Mapping[Kind, type[SageMakerType]] = {
    FEATURE_GROUP: FeatureGroupType,
    MLFLOW_APP: MlflowAppType,
    NOTEBOOK_INSTANCE: NotebookType,
}


def register(service: SageMaker) -> None:
    """Let CloudFormation make every kind of resource that has a template."""
    for kind in service.kinds:
        if template := kind.template:
            usual = StudioType if template.identifiers else SageMakerType
            handler = _SPECIAL.get(kind, usual)(service, kind)
            cloudformation.register(f"AWS::SageMaker::{kind.name}", handler, template.replacing)
