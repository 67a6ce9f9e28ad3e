"""Fraudulent insurance claims: binary classification of claims joined with their customers."""
