"""Custom resources that remove, with their stack, what CloudFormation itself cannot."""
