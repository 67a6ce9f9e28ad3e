"""A second evaluator of IAM, written from AWS's documents alone: it must agree with the simulator on every request.

Sources, all of the IAM user guide: "Policy evaluation for requests within a single account", "Cross-account policy
evaluation logic", "IAM JSON policy elements" (Principal, Action, Resource, Condition operators, Variables and tags,
Single-valued vs. multivalued context keys); of the KMS developer guide: "Key policies"; of the VPC guide: "Control
access to VPC endpoints using endpoint policies".
"""
