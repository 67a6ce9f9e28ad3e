"""The kinds of resources of the model registry."""

from localsagemaker.kernel.kinds import Kind, Template

MODEL_PACKAGE_GROUP = Kind(
    "ModelPackageGroup",
    "model-package-group",
    "ModelPackageGroupName",
    present="Model Package Group already exists: {arn}",
    template=Template(
        reference="arn",
        replacing=("ModelPackageGroupName", "ModelPackageGroupDescription"),
        attributes=("ModelPackageGroupArn", "ModelPackageGroupStatus", "CreationTime"),
    ),
)
MODEL_PACKAGE = Kind("ModelPackage", "model-package", "ModelPackageName")
KINDS = (MODEL_PACKAGE_GROUP, MODEL_PACKAGE)
