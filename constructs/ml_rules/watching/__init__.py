"""Rules of alarms, budgets and costs."""
