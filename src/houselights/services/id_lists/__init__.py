"""Lists of ids that clients send as files: read as they come, kept for a while, matched when a build needs them."""
