"""The operations on pipelines and their executions."""

import threading
from collections.abc import Mapping
from typing import Any

from localsagemaker.errors import ServiceError
from localsagemaker.kernel.host import Host, Scope
from localsagemaker.kernel.listing import created_within, listing, page
from localsagemaker.kernel.requests import Handler, Request
from localsagemaker.kernel.resources import Resources, describe
from localsagemaker.pipelines import definition
from localsagemaker.pipelines.cache import StepCache
from localsagemaker.pipelines.execution import Execution, Plan
from localsagemaker.pipelines.expressions import as_text
from localsagemaker.pipelines.kinds import PIPELINE
from localsagemaker.pipelines.parameters import bind
from localsagemaker.pipelines.permissions import PERMISSIONS
from localsagemaker.pipelines.steps import Service, random_id
from localsagemaker.pipelines.versions import Version, Versions

_PARALLEL = 50
_ID_LENGTH = 12


class Pipelines:
    """Pipelines and every execution of them."""

    permissions = PERMISSIONS

    def __init__(self, host: Host, resources: Resources, service: Service, time_scale: float) -> None:
        self._host, self._resources, self._service, self._time_scale = host, resources, service, time_scale
        self._lock = threading.Lock()
        self._executions: dict[str, Execution] = {}
        self._versions = Versions(resources)
        self._cache = StepCache()
        self._tokens: dict[tuple[Scope, str, str, str], str] = {}

    def operations(self) -> dict[str, Handler]:
        """Return every operation of this part."""
        return {
            "CreatePipeline": self._create,
            "UpdatePipeline": self._update,
            "DescribePipeline": self._describe,
            "ListPipelines": self._list,
            "DeletePipeline": self._delete,
            "StartPipelineExecution": self._start,
            "StopPipelineExecution": self._stop,
            "RetryPipelineExecution": self._retry,
            "UpdatePipelineExecution": self._update_execution,
            "DescribePipelineExecution": self._describe_execution,
            "DescribePipelineDefinitionForExecution": self._definition_of_execution,
            "ListPipelineExecutions": self._list_executions,
            "ListPipelineExecutionSteps": self._list_steps,
            "ListPipelineParametersForExecution": self._list_parameters,
            **self._versions.operations(),
        }

    def close(self) -> None:
        """Stop every execution and wait until none runs."""
        with self._lock:
            executions = list(self._executions.values())
        for execution in executions:
            execution.stop()
        for execution in executions:
            execution.wait(30)

    def _create(self, request: Request) -> dict[str, Any]:
        name = request.parameters["PipelineName"]
        text = self._definition_text(request, request.parameters["RoleArn"])
        definition.parse(text)
        token = (request.scope, "CreatePipeline", name, request.parameters["ClientRequestToken"])
        with self._lock:
            if token not in self._tokens:
                record = self._resources.add(
                    PIPELINE, request.scope, name, {**self._members(request, text), "PipelineStatus": "Active"}
                )
                self._tokens[token] = record["PipelineArn"]
                self._versions.add(record["PipelineArn"], text)
            return {"PipelineArn": self._tokens[token]}

    def _members(self, request: Request, text: str) -> dict[str, Any]:
        left_out = {"ClientRequestToken", "PipelineDefinitionS3Location"}
        given = {name: value for name, value in request.parameters.items() if name not in left_out}
        user = request.caller.user_context
        who = {"LastModifiedBy": user} | ({"CreatedBy": user} if request.operation == "CreatePipeline" else {})
        display = {"PipelineDisplayName": given["PipelineName"]} if request.operation == "CreatePipeline" else {}
        return {**display, **given, "PipelineDefinition": text, **who}

    def _definition_text(self, request: Request, role_arn: str) -> str:
        location = request.parameters.get("PipelineDefinitionS3Location")
        text = request.parameters.get("PipelineDefinition")
        if (location is None) == (text is None):
            raise ServiceError(
                "ValidationException", "Give either PipelineDefinition or PipelineDefinitionS3Location, and not both."
            )
        if location is None:
            return str(text)
        uri = f"s3://{location['Bucket']}/{location['ObjectKey']}"
        try:
            return self._host.objects(request.scope, role_arn).read(uri, location.get("VersionId")).decode()
        except (ServiceError, UnicodeDecodeError) as error:
            raise ServiceError(
                "ValidationException", f"Cannot read the pipeline definition at {uri}: {error}"
            ) from error

    def _update(self, request: Request) -> dict[str, Any]:
        parameters = request.parameters
        record = self._resources.get(PIPELINE, request.scope, parameters["PipelineName"])
        text = record["PipelineDefinition"]
        if parameters.keys() & {"PipelineDefinition", "PipelineDefinitionS3Location"}:
            text = self._definition_text(request, parameters.get("RoleArn", record["RoleArn"]))
            definition.parse(text)
        updated = self._resources.update(PIPELINE, request.scope, record["PipelineName"], self._members(request, text))
        return {
            "PipelineArn": updated["PipelineArn"],
            "PipelineVersionId": self._versions.add(updated["PipelineArn"], text),
        }

    def _describe(self, request: Request) -> dict[str, Any]:
        record = self._resources.get(PIPELINE, request.scope, request.parameters["PipelineName"])
        version = self._versions.find(record["PipelineArn"], request.parameters.get("PipelineVersionId"))
        return describe({**record, "PipelineDefinition": version.definition, **version.names}, "DescribePipeline")

    def _list(self, request: Request) -> dict[str, Any]:
        prefix = request.parameters.get("PipelineNamePrefix", "")
        records = [
            {**record, "LastExecutionTime": record.get("LastRunTime")}
            for record in self._resources.all(PIPELINE, request.scope)
            if record["PipelineName"].startswith(prefix)
        ]
        answer = listing(request, list(records), PIPELINE)
        answer["PipelineSummaries"] = [
            {name: value for name, value in summary.items() if value is not None}
            for summary in answer["PipelineSummaries"]
        ]
        return answer

    def _delete(self, request: Request) -> dict[str, Any]:
        record = self._resources.get(PIPELINE, request.scope, request.parameters["PipelineName"])
        arn = record["PipelineArn"]
        with self._lock:
            own = [item for item in self._executions.values() if item.plan.pipeline_arn == arn]
            running = [item.plan.arn for item in own if item.status in {"Executing", "Stopping"}]
            if running:
                raise ServiceError("ConflictException", f"{arn} has running executions: {', '.join(running)}.")
            for item in own:
                del self._executions[item.plan.arn]
            self._resources.remove(PIPELINE, request.scope, record["PipelineName"])
            self._versions.forget(arn)
            self._cache.forget(arn)
            self._tokens = {token: value for token, value in self._tokens.items() if not value.startswith(arn)}
        return {"PipelineArn": arn}

    def _start(self, request: Request) -> dict[str, Any]:
        parameters, scope = request.parameters, request.scope
        record = self._resources.get(PIPELINE, scope, parameters["PipelineName"])
        token = (scope, "StartPipelineExecution", record["PipelineName"], parameters["ClientRequestToken"])
        with self._lock:
            if token in self._tokens:
                return {"PipelineExecutionArn": self._tokens[token]}
            version = self._versions.find(record["PipelineArn"], parameters.get("PipelineVersionId"))
            plan = self._plan(record, version, parameters, scope)
            execution = Execution(plan, self._host, self._service, self._cache, self._time_scale)
            self._executions[plan.arn] = execution
            self._tokens[token] = version.last_execution = plan.arn
            self._resources.update(
                PIPELINE,
                scope,
                record["PipelineName"],
                {"LastRunTime": execution.start, "LastModifiedTime": record["LastModifiedTime"]},
            )
        execution.begin()
        return {"PipelineExecutionArn": plan.arn}

    def _plan(self, record: Mapping[str, Any], version: Version, parameters: Mapping[str, Any], scope: Scope) -> Plan:
        parsed = definition.parse(version.definition)
        values = bind(parsed.parameters, parameters.get("PipelineParameters", ()))
        identifier = random_id(_ID_LENGTH)
        return Plan(
            arn=f"{record['PipelineArn']}/execution/{identifier}",
            pipeline_arn=record["PipelineArn"],
            scope=scope,
            role_arn=record["RoleArn"],
            definition=parsed,
            definition_text=version.definition,
            version=version.number,
            parameters=values,
            parallel=_most_parallel(parameters) or _most_parallel(record) or _PARALLEL,
            display_name=parameters.get("PipelineExecutionDisplayName", f"execution-{identifier}"),
            description=parameters.get("PipelineExecutionDescription"),
        )

    def _execution(self, request: Request) -> Execution:
        arn = request.parameters.get("PipelineExecutionArn", "")
        with self._lock:
            execution = self._executions.get(arn)
        if execution is None or execution.plan.scope != request.scope:
            raise ServiceError("ResourceNotFound", f"Pipeline execution '{arn}' does not exist.")
        return execution

    def _stop(self, request: Request) -> dict[str, Any]:
        execution = self._execution(request)
        if execution.status != "Executing":
            raise ServiceError(
                "ConflictException", f"{execution.plan.arn} is {execution.status} and cannot be stopped."
            )
        execution.stop()
        return {"PipelineExecutionArn": execution.plan.arn}

    def _retry(self, request: Request) -> dict[str, Any]:
        execution = self._execution(request)
        execution.retry(_most_parallel(request.parameters))
        return {"PipelineExecutionArn": execution.plan.arn}

    def _update_execution(self, request: Request) -> dict[str, Any]:
        execution = self._execution(request)
        execution.change(
            request.parameters.get("PipelineExecutionDisplayName"),
            request.parameters.get("PipelineExecutionDescription"),
            _most_parallel(request.parameters),
        )
        return {"PipelineExecutionArn": execution.plan.arn}

    def _describe_execution(self, request: Request) -> dict[str, Any]:
        return self._describe_members(self._execution(request))

    def _describe_members(self, execution: Execution) -> dict[str, Any]:
        plan = execution.plan
        members = {
            "PipelineArn": plan.pipeline_arn,
            "PipelineExecutionArn": plan.arn,
            "PipelineExecutionDisplayName": plan.display_name,
            "PipelineExecutionDescription": plan.description,
            "PipelineExecutionStatus": execution.status,
            "PipelineExperimentConfig": plan.definition.experiment,
            "FailureReason": execution.reason,
            "PipelineVersionId": plan.version,
            "CreationTime": execution.start,
            "LastModifiedTime": execution.changed,
            "ParallelismConfiguration": {"MaxParallelExecutionSteps": plan.parallel},
        }
        return {name: value for name, value in members.items() if value is not None}

    def _definition_of_execution(self, request: Request) -> dict[str, Any]:
        execution = self._execution(request)
        return {"PipelineDefinition": execution.plan.definition_text, "CreationTime": execution.start}

    def _list_executions(self, request: Request) -> dict[str, Any]:
        parameters = request.parameters
        arn = self._resources.get(PIPELINE, request.scope, parameters["PipelineName"])["PipelineArn"]
        with self._lock:
            found = [item for item in self._executions.values() if item.plan.pipeline_arn == arn]
        found = created_within(request, found, lambda item: item.start)
        by_arn = parameters.get("SortBy") == "PipelineExecutionArn"
        found.sort(key=lambda item: item.plan.arn if by_arn else item.start.isoformat())
        if parameters.get("SortOrder", "Descending") == "Descending":
            found.reverse()
        members = {
            "PipelineExecutionArn",
            "PipelineExecutionStatus",
            "PipelineExecutionDescription",
            "PipelineExecutionDisplayName",
        }
        summaries = []
        for item in found:
            shown = self._describe_members(item)
            summary = {name: shown[name] for name in members if name in shown}
            reason = {"PipelineExecutionFailureReason": item.reason} if item.reason else {}
            summaries.append({**summary, **reason, "StartTime": item.start})
        return page(request, "PipelineExecutionSummaries", summaries)

    def _list_steps(self, request: Request) -> dict[str, Any]:
        runs = [run.describe() for run in self._execution(request).runs()]
        if request.parameters.get("SortOrder", "Descending") == "Descending":
            runs.reverse()
        return page(request, "PipelineExecutionSteps", runs)

    def _list_parameters(self, request: Request) -> dict[str, Any]:
        values = self._execution(request).plan.parameters
        return page(
            request,
            "PipelineParameters",
            [{"Name": name, "Value": as_text(value)} for name, value in values.items()],
        )


def _most_parallel(members: Mapping[str, Any]) -> int | None:
    """Return how many steps a request or a pipeline lets run at once, where it says so."""
    most: int | None = members.get("ParallelismConfiguration", {}).get("MaxParallelExecutionSteps")
    return most
