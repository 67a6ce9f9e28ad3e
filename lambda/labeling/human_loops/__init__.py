"""Makes worker templates and flow definitions, and starts, describes, lists and stops human loops: A2I's operations."""
