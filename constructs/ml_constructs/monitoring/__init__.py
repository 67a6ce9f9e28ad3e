"""What watches an environment, and tells people."""
