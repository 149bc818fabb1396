"""The control database's schema, step by step. A step that was released is never edited; a new one is added."""
