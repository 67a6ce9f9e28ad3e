"""The error of a pipeline that could not run."""


class PipelineError(ValueError):
    """The pipeline cannot run as it is written; the message names the step or parameter and says what to do."""
