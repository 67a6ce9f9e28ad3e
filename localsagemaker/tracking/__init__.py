"""The data plane of local MLflow apps: MLflow's REST API over MLflow's own SQLite store, loaded when first asked."""
