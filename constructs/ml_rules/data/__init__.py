"""Rules of what holds data: buckets, tables, keys."""
