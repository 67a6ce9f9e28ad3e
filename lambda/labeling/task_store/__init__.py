"""The tasks of labeling jobs in a table of DynamoDB, and what is too large for it in S3."""
