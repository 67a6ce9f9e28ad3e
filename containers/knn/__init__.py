"""The k-NN image: the contract of SageMaker's built-in algorithm k-NN, with exact neighbours."""
