"""The labeling demo: pictures of fish, sentences, and people of known skill who label them."""
