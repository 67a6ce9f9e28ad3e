"""Keys of KMS, and what each service asks of them."""
