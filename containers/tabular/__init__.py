"""Classification of tables: prepare, train, evaluate, check bias, explain and serve."""
