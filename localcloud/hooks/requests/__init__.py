"""Requests to any service: how they are made in this process, refused and answered."""
