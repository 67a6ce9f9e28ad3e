"""Tools for manifests: check, make, adjust, merge and split them, with all that belongs to a label kept together."""
