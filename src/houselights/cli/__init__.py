"""The command line: a thin customer of `app` and `services`."""
