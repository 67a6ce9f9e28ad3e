"""Models, endpoints and their scaling."""
