"""The module `cfnresponse`, which Lambda puts beside Python functions whose source stands in a template (`ZipFile`).

Its text is copied into the function's archive: it imports the standard library alone. Interface and the fields of an
answer: CloudFormation user guide, "cfn-response module".
"""

import json
import urllib.request
from typing import Any

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(  # noqa: PLR0913, PLR0917 - the interface that AWS documents
    event: dict[str, Any],
    context: Any,  # noqa: ANN401 - Lambda's
    responseStatus: str,  # noqa: N803
    responseData: dict[str, Any] | None,  # noqa: N803
    physicalResourceId: str | None = None,  # noqa: N803
    noEcho: bool = False,  # noqa: FBT001, FBT002, N803
    reason: str | None = None,
) -> None:
    """Answer CloudFormation for a custom resource; what goes wrong is printed, as AWS's module does."""
    answer = {
        "Status": responseStatus,
        "Reason": reason or f"See the details in CloudWatch Log Stream: {context.log_stream_name}",
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData,
    }
    body = json.dumps(answer)
    print("Response body:")  # noqa: T201 - to the function's log
    print(body)  # noqa: T201
    request = urllib.request.Request(event["ResponseURL"], body.encode(), {"content-type": ""}, method="PUT")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as told:  # noqa: S310 - CloudFormation's own URL
            print("Status code:", told.status)  # noqa: T201
    except Exception as error:  # noqa: BLE001 - AWS's module raises nothing either
        print("send(..) failed:", error)  # noqa: T201
