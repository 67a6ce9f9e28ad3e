"""The platform's building blocks: one capability per module, each usable alone."""
