"""The core in C: what it is for, how it is made and how Python calls it."""
