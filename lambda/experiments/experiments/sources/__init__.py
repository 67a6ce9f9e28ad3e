"""Reads the jobs and executions that are recorded as runs, after their end."""
