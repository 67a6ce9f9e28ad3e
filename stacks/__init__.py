"""Stacks: what CloudFormation deploys together."""
