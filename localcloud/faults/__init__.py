"""What goes wrong on purpose: requests that a service throttles, denies or fails, and resources that fail last."""
