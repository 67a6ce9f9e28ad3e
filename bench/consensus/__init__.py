"""What the consolidation of a million votes costs, beside crowd-kit's Dawid and Skene in an environment of its own."""
