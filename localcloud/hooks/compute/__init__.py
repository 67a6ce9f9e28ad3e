"""What runs: functions and their sources of events, builds, images, jobs of Glue, executions."""
