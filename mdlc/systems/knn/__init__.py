"""Nearest neighbours: Fisher's Iris, classified by the contract of the built-in algorithm k-NN."""
