"""The domain of the feature store, without AWS: schemas, records, event times, ingestion and point-in-time joins."""
