"""SageMaker jobs: the image, role, network and instances of each."""
