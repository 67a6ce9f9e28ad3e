"""Rules of Studio, Feature Store, models and what stands beside the jobs."""
