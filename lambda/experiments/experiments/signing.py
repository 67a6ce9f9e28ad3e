"""Requests to an MLflow app of SageMaker, signed.

Host, header and signing name are those of AWS's own plug-in for MLflow's client (PyPI `sagemaker-mlflow`).
"""

import hashlib
import os
import random
import time
from collections.abc import Mapping
from urllib.parse import quote, urlencode

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import HTTPClientError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from experiments.tracking import TrackingError

SERVICE = "sagemaker"
APP_HEADER = "x-sm-mlflow-app-arn"
TIMEOUT = 60
ATTEMPTS = 4
BUSY = frozenset({429, 500, 502, 503, 504})


class SignedTransport:
    """Sends requests to the app `arn` in the rights of `session`; busy answers and lost connections are tried again.

    `endpoint` replaces AWS's address; without it, AWS_ENDPOINT_URL does where it is set.
    """

    def __init__(self, session: boto3.Session, arn: str, endpoint: str | None = None) -> None:
        region = arn.split(":")[3]
        self._arn = arn
        self._base = (
            endpoint or os.environ.get("AWS_ENDPOINT_URL") or f"https://mlflow.sagemaker.{region}.app.aws"
        ).rstrip("/")
        self._session, self._region = session, region
        self._http = URLLib3Session(proxies=get_environ_proxies(self._base), timeout=TIMEOUT)

    def __call__(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Return status and body of the answer; raise `TrackingError` when there is none."""
        url = self._base + path + (f"?{urlencode(query, quote_via=quote)}" if query else "")
        for attempt in range(ATTEMPTS):
            last = attempt == ATTEMPTS - 1
            try:
                status, content = self._send(method, url, body)
            except HTTPClientError as error:
                if last:
                    raise TrackingError("NoAnswer", f"nothing answers at {self._base}: {error}", 0) from error
            else:
                if last or status not in BUSY:
                    return status, content
            time.sleep(random.uniform(0, 2**attempt))  # noqa: S311 - full jitter
        raise AssertionError

    def _send(self, method: str, url: str, body: bytes) -> tuple[int, bytes]:
        credentials = self._session.get_credentials()
        if credentials is None:
            raise TrackingError("NoCredentials", "there are no AWS credentials to sign the request with", 0)
        headers = {
            "Content-Type": "application/json",
            APP_HEADER: self._arn,
            "X-Amz-Content-SHA256": hashlib.sha256(body).hexdigest(),
        }
        request = AWSRequest(method, url, headers=headers, data=body)
        SigV4Auth(credentials, SERVICE, self._region).add_auth(request)
        response = self._http.send(request.prepare())
        return response.status_code, response.content
