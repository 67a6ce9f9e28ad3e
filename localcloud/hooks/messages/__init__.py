"""Topics, queues and events."""
