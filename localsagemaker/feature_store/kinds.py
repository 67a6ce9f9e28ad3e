"""The kind of resource that feature groups are."""

from localsagemaker.kernel.kinds import Kind, Template

FEATURE_GROUP = Kind(
    "FeatureGroup",
    "feature-group",
    "FeatureGroupName",
    "ResourceNotFound",
    "ResourceInUse",
    present="Resource Already Exists: FeatureGroup with name {name} already exists. Choose a different name.",
    template=Template(
        replacing=(
            "FeatureGroupName",
            "RecordIdentifierFeatureName",
            "EventTimeFeatureName",
            "OfflineStoreConfig",
            "RoleArn",
            "Description",
        ),
        attributes=("CreationTime", "FeatureGroupStatus"),
    ),
)
KINDS = (FEATURE_GROUP,)
