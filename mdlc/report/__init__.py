"""The report on one pipeline execution: what ran, how good the model is, and what the cloud made of the templates."""
