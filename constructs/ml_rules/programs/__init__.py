"""Rules of what runs code: functions, jobs, scripts, builds."""
