"""Rules of endpoints."""
