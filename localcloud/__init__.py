"""The local cloud: an embedded AWS on this machine, deployed to from the same templates as the real one."""
