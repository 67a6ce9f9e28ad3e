"""What the functions behind the portal have in common: how they read a request, and how they answer."""
