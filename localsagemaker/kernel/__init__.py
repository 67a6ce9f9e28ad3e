"""What every capability of the service stands on: requests, resources, permissions, errors."""
