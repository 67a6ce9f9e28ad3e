"""Rules of events, queues and schedules: who hears of what."""
