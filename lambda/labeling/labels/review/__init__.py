"""Reviews of predictions by people, by the contracts of Amazon Augmented AI: flow definitions and human loops."""
