"""The feature store's demo: customers and orders."""
