"""What `make check` runs: every gate over every environment's templates and over the code that they deploy.

It is a tool of those who change the platform: nothing here is deployed, and no stack imports it.
"""
