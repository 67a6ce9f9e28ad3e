"""Streaming jobs: objects that come as messages while a job runs, each once, and labels that leave it at once."""
