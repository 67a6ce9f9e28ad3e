"""What labeling jobs reach beside their store: files that requests name, functions of users, and the job's own ARN."""
