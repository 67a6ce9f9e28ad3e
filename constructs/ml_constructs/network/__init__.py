"""The closed network and its endpoints."""
