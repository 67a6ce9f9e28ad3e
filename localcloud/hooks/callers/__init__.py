"""Who asks, from where, with what rights."""
