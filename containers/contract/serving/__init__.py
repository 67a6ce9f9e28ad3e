"""Serving as SageMaker wants it: GET /ping and POST /invocations on one port, by processes that share it."""
