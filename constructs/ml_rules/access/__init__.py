"""Rules of who may do what: policies, roles, conditions, accounts."""
