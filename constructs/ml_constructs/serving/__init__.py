"""Endpoints, their roll-out, and the API in front of them."""
