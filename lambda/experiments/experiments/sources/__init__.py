"""What made a run, as AWS describes it after its end."""
