"""The control database: everything that is not about people. One schema, two databases, one test suite over both."""
