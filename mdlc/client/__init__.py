"""What talks to AWS: one module per capability."""
