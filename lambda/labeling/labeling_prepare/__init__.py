"""Makes a task of every object of a new labeling job."""
