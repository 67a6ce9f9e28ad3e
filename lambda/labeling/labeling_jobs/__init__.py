"""Creates, describes, lists and stops labeling jobs: Ground Truth's operations, for who may call the function."""
