"""What those who lead labeling jobs ask for: how jobs go, who is wrong about what, and what they change in them."""
