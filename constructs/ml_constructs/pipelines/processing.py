"""Processing steps."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from ml_constructs.foundation.errors import PipelineError
from ml_constructs.foundation.values import JsonGet
from ml_constructs.jobs.job import Located, refuse_duplicates
from ml_constructs.jobs.processing import ProcessingJob
from ml_constructs.pipelines.job_step import JobStep
from ml_constructs.pipelines.step import PropertyFile, Step


class ProcessingStep(JobStep):
    """Runs a processing job; steps after it may read the values in its property files."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        job: ProcessingJob,
        property_files: Sequence[PropertyFile] = (),
        depends_on: Sequence[Step] = (),
    ) -> None:
        super().__init__(scope, construct_id, job=job, depends_on=depends_on)
        self._outputs = {output.name: output.folder for output in job.outputs}
        self._property_files = tuple(property_files)
        self._refuse_wrong_files()

    @property
    def property_files(self) -> Sequence[PropertyFile]:
        """Documents among the outputs that `JsonGet` may read."""
        return self._property_files

    def output(self, name: str) -> Located:
        """Return what the job wrote as its output `name`."""
        if name not in self._outputs:
            raise PipelineError(f"{self.name} has no output {name!r}: it has {', '.join(self._outputs)}.")
        return Located(self.get(f"ProcessingOutputConfig.Outputs['{name}'].S3Output.S3Uri"), self._outputs[name])

    def json(self, property_file: str, path: str) -> JsonGet:
        """Return the value at `path` of a property file."""
        return JsonGet(self.name, property_file, path)

    def members(self) -> Mapping[str, object]:
        """Return the property files."""
        if not self._property_files:
            return {}
        return {"PropertyFiles": [file.declaration() for file in self._property_files]}

    def grant_run(self, role: iam.IRole) -> None:
        """Let `role` run the job, and read the property files."""
        super().grant_run(role)
        for file in self._property_files:
            self._outputs[file.output].grant_read(role)

    def _refuse_wrong_files(self) -> None:
        refuse_duplicates(self.name, "property file", [file.name for file in self._property_files])
        for file in self._property_files:
            if file.output not in self._outputs:
                raise PipelineError(
                    f"The property file {file.name} of {self.name} lies in the output {file.output!r}, "
                    f"which the step does not have: it has {', '.join(self._outputs)}."
                )
