"""The rules that every template must satisfy, run at every synthesis and by `make check`."""
