"""Tells whom it concerns that a human loop has ended: the bus, and the state machines that wait for it."""
