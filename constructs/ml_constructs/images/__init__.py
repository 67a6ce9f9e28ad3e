"""Container images, our own and SageMaker's."""
