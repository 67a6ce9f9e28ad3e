"""What people who label ask for: their jobs, their tasks, and what becomes of these."""
