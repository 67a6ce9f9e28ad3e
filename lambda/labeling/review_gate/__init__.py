"""The confidence gate: of what models have predicted, what people review becomes human loops."""
