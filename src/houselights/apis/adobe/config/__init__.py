"""What is set once for a sandbox: merge policies and schedules."""
