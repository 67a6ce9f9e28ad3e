"""SageMaker pipelines that train a system, made of the other constructs."""
