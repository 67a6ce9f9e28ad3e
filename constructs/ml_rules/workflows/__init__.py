"""Rules of state machines and pipelines."""
