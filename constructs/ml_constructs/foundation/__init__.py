"""What every capability stands on: roles, logs, buckets, run-time values."""
