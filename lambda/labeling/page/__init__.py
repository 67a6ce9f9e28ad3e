"""Serves the portal's page: files of the function's own package."""
