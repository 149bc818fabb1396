"""The upload path: records are kept before the reply, matched to people soon after, and in the log exactly once."""
