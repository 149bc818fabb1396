"""The lake: people, events, traits and the rest as Delta tables. Derived things (indexes, counts) do not live here."""
