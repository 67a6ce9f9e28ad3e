"""The best run of an experiment so far: one item, which only a better run may replace."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Run:
    """A run that has been evaluated."""

    experiment: str
    execution: str
    training_job: str
    metric: str
    value: float
    model: str
    evaluation: str
    data_version: str
    script_version: str
    comment: str

    @property
    def key(self) -> dict[str, Any]:
        """Key of the experiment's item."""
        return {"Key": {"S": f"experiment/{self.experiment}"}}


def decide(dynamodb: "DynamoDBClient", table: str, run: Run) -> bool:
    """Make `run` the best of its experiment if it is better than the best so far; whether it is the best now.

    One conditional write: of runs that end at once each is compared with the one before it, and one best is left. An
    equal run does not replace the earlier one. Asked again about the same run the answer is the same.
    """
    figure = {"N": repr(run.value)}
    members = {
        "Execution": run.execution,
        "TrainingJobName": run.training_job,
        "Metric": run.metric,
        "Model": run.model,
        "Evaluation": run.evaluation,
        "DataVersion": run.data_version,
        "ScriptVersion": run.script_version,
        "Comment": run.comment,
    }
    names = {"#value": "Value", **{f"#{name}": name for name in members}}
    assignments = ["#value = :value", *(f"#{name} = :{name}" for name in members)]
    try:
        dynamodb.update_item(
            TableName=table,
            Key=run.key,
            UpdateExpression=f"SET {', '.join(assignments)}",
            ConditionExpression="attribute_not_exists(#value) OR #value < :value",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues={":value": figure, **{f":{name}": {"S": text} for name, text in members.items()}},
        )
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ConditionalCheckFailedException":
            raise
        item = dynamodb.get_item(TableName=table, Key=run.key, ConsistentRead=True).get("Item", {})
        return item.get("Execution", {}).get("S") == run.execution
    return True
