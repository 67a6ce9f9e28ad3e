"""The kind of resource that pipelines are."""

from localcloud.sagemaker.kernel.kinds import Kind, Template

PIPELINE = Kind(
    "Pipeline",
    "pipeline",
    "PipelineName",
    "ResourceNotFound",
    template=Template(
        replacing=("PipelineName",),
        update=("PipelineDisplayName", "PipelineDescription", "RoleArn", "ParallelismConfiguration"),
    ),
)
KINDS = (PIPELINE,)
