"""Where requests of MiniStack come from: what is in a VPC asks S3 through that VPC's endpoint.

Nothing is routed. A session's credentials were made for one workload, so that they tell where its requests begin.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ministack.core import iam_evaluator, lambda_runtime, responses
from ministack.services import lambda_svc

from localcloud.hooks.stacks import cloudformation

_subnets: dict[str, tuple[str, ...]] = {}  # of the workload that an access key was made for


def place(access_key: str, subnets: Sequence[str]) -> None:
    """Remember that requests signed with `access_key` come from `subnets`; from anywhere when there are none."""
    _subnets[access_key] = tuple(subnets)


def tell_places() -> None:
    """Give requests of functions and jobs in a VPC the condition keys of its endpoint for S3, as S3 has them."""
    credentials, keys = lambda_runtime.execution_credentials, iam_evaluator._principal_keys

    def execution_credentials(config: dict[str, Any]) -> dict[str, str]:
        made: dict[str, str] = credentials(config)
        place(made["AWS_ACCESS_KEY_ID"], _subnets_of_function(config["FunctionName"]))
        return made

    def principal_keys(credential: Any) -> dict[str, Any]:  # noqa: ANN401 - MiniStack's
        placed = _subnets.get(credential.access_key_id)
        return {**keys(credential), **(_endpoint_keys(placed) if placed else {})}

    lambda_runtime.execution_credentials = lambda_svc.execution_credentials = execution_credentials
    iam_evaluator._principal_keys = principal_keys


def _subnets_of_function(name: str) -> Sequence[str]:
    for function in _in_stacks("AWS::Lambda::Function"):
        if function.physical_id == name:
            subnets: Sequence[str] = function.properties.get("VpcConfig", {}).get("SubnetIds", ())
            return subnets
    return ()


def _endpoint_keys(subnets: Sequence[str]) -> Mapping[str, str]:
    vpcs = {subnet.properties["VpcId"] for subnet in _in_stacks("AWS::EC2::Subnet") if subnet.physical_id in subnets}
    for endpoint in _in_stacks("AWS::EC2::VPCEndpoint"):
        if endpoint.properties["VpcId"] in vpcs and endpoint.properties["ServiceName"].endswith(".s3"):
            return {
                "aws:sourcevpc": endpoint.properties["VpcId"],
                "aws:sourcevpce": endpoint.physical_id,
                "aws:vpceaccount": endpoint.account,
            }
    return {}


def _in_stacks(kind: str) -> list[cloudformation.Resource]:
    here = responses.get_account_id(), responses.get_region()
    return [each for each in cloudformation.resources() if each.type == kind and (each.account, each.region) == here]
