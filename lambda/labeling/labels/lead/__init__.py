"""Figures of a job for who leads it, out of objects and leases: how far it is, who did what, why an object waits."""
