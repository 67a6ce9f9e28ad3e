"""States of Step Functions machines that train models: typed tasks on SageMaker jobs, and a pipeline made of them."""
