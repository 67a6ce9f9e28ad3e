"""What became of every property of a template: read through the service's own API, and held against the template."""
