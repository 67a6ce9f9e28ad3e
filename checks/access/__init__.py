"""Who may do what: the access matrix, and the simulation that holds the templates' policies against it."""
