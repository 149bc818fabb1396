"""Files: lists of ids that clients send, and those of built audiences that they fetch."""
