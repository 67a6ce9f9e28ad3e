"""Many people's answers about one object become one label, with its confidence."""
