"""The command line of the platform, and the local cloud that rehearses it."""
