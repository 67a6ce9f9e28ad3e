"""The feature store: groups, the online store in memory, and the offline store in S3."""
