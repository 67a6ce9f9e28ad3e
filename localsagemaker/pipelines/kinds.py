"""The kind of resource that pipelines are."""

from localsagemaker.kernel.kinds import Kind, Template

PIPELINE = Kind(
    "Pipeline",
    "pipeline",
    "PipelineName",
    "ResourceNotFound",
    present="Pipeline names must be unique within an AWS account and region. "
    "Pipeline with name ({name}) already exists.",
    template=Template(
        replacing=("PipelineName",),
        update=("PipelineDisplayName", "PipelineDescription", "RoleArn", "ParallelismConfiguration"),
    ),
)
KINDS = (PIPELINE,)
