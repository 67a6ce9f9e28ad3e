"""SageMaker Pipelines: definitions of schema 2020-12-01, and the interpreter that runs them."""
