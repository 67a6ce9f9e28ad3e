"""Custom resource for log groups that a service makes for itself, with neither key nor end, unless they are there."""
