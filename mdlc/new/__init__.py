"""What `mdlc new` writes: the declaration of a team's own system, and the recipe of its table."""
