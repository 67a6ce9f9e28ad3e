"""What every SageMaker job has: an image, a role, a place and a size."""
