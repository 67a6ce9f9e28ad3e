"""Labels that people gave: plain functions without AWS calls and without packages."""
