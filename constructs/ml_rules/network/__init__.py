"""Rules of the network and its edge."""
