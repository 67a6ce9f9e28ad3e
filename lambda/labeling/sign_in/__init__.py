"""Signs people in, by proof that they know their password."""
