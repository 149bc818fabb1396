"""The rooms: one folder for each dialect, which do not know each other."""
