"""Rules of HTTP APIs."""
