"""A request of every operation of every service, as botocore writes it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.awsrequest import create_request_object, prepare_request_dict
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape, StructureShape
from botocore.serialize import create_serializer
from ministack.app import SERVICE_REGISTRY

OURS = (
    "application-autoscaling",
    "ce",
    "sagemaker",
    "sagemaker-featurestore-runtime",
    "sagemaker-runtime",
    "servicecatalog",
    "service-quotas",
)
"""What the local cloud has beside MiniStack's."""
NAMES = {
    "documentdb": "docdb",
    "elasticloadbalancing": "elbv2",
    "elasticfilesystem": "efs",
    "elasticmapreduce": "emr",
    "events": "events",
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
    "airflow": "mwaa",
    "servicequotas": "service-quotas",
}
"""botocore's names where MiniStack has others."""
NO_API = {"ecs-metadata", "imds", "appsync-events"}
"""What MiniStack serves and AWS has no API for: an instance's and a container's own metadata, and a socket."""


@dataclass(frozen=True)
class Sent:
    """A request of one operation, and what it is of."""

    service: ServiceModel
    operation: OperationModel
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def name(self) -> str:
        return f"{self.service.service_name}:{self.operation.name}"


_VALUES: Mapping[str, Any] = {
    **dict.fromkeys(("integer", "long", "float", "double", "timestamp"), 1),
    "list": [],
    "map": {},
    "boolean": True,
    "blob": b"x",
    "string": "xxxx",
}


def _value(shape: Shape, depth: int = 0) -> Any:
    """Return the least value of a shape."""
    if isinstance(shape, StructureShape):
        return {name: _value(shape.members[name], depth + 1) for name in shape.required_members if depth < 4}
    return _VALUES[shape.type_name]


def every_request(host: str) -> Iterator[Sent]:
    """Write the least request of every operation of every service that the local cloud has."""
    session = botocore.session.get_session()
    session.register_component("data_loader", Loader())  # clients of S3 change the models that they share
    names = {NAMES.get(name, name) for name in SERVICE_REGISTRY if name not in NO_API} | {*OURS}
    for name in sorted(names):
        model = session.get_service_model(name)
        serializer = create_serializer(model.resolved_protocol, include_validation=False)
        for operation in model.operation_names:
            shape = model.operation_model(operation)
            parameters = _value(shape.input_shape) if shape.input_shape else {}
            made = serializer.serialize_to_request(parameters, shape)
            prepare_request_dict(made, f"http://{host}")
            prepared = create_request_object(made).prepare()
            body = prepared.body or b""
            body = body if isinstance(body, bytes) else body.encode()
            headers = {key: v.decode() if isinstance(v, bytes) else str(v) for key, v in prepared.headers.items()}
            url = urlsplit(prepared.url)._replace(netloc=host).geturl()  # some would put a prefix before the host
            yield Sent(model, shape, prepared.method, url, {**headers, "Host": host}, body)
