"""The fields of a hashed record, in the order in which everything of ours has them."""

FIELDS = ("email", "phone", "first_name", "last_name", "address", "city", "state", "postal")
