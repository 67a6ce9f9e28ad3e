"""Stacks of CloudFormation: their templates, resources and what is read back of them."""
