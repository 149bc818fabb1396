"""Questions in SQL over the tables a client may see: saved, executed by threads, kept as files or as audiences."""
