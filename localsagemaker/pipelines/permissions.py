"""What the operations on pipelines and their executions act on."""

from localsagemaker.kernel.authorization import Permissions, by_arn, by_name
from localsagemaker.pipelines.kinds import KINDS, PIPELINE

PERMISSIONS = Permissions(
    KINDS,
    {
        "StartPipelineExecution": by_name(PIPELINE),
        "ListPipelineExecutions": by_name(PIPELINE),
        "ListPipelineVersions": by_name(PIPELINE),
        "UpdatePipelineVersion": by_arn("PipelineArn"),
        **dict.fromkeys(
            (
                "DescribePipelineExecution",
                "DescribePipelineDefinitionForExecution",
                "ListPipelineExecutionSteps",
                "ListPipelineParametersForExecution",
                "UpdatePipelineExecution",
                "StopPipelineExecution",
                "RetryPipelineExecution",
            ),
            by_arn("PipelineExecutionArn"),
        ),
    },
)
