"""SageMaker, as real as one machine can make it: independent of the cloud that hosts it."""
