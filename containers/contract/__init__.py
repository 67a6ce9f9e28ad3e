"""The SageMaker container contract, shared by every image: the /opt/ml layout, jobs, hyperparameters and serving."""
