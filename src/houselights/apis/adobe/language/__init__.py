"""Profile Query Language: text and JSON to and from the value-level rule tree, checked against a schema."""
