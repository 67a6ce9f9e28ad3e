"""Where the local cloud differs from AWS: the one list, and the page made from it and from the code's tables."""
