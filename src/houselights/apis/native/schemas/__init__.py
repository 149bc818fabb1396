"""The shapes of requests and replies. They say what a field means; they decide nothing."""
