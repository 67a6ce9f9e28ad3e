"""Studio: a domain in the closed network, and the people who work in it, each with rights of their persona."""
