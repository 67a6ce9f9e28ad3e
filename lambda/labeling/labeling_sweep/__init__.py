"""Takes back what nobody works on, and has looked at what nobody carries on, each minute."""
