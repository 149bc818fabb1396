"""What grows from an audience: expansions by people like its members, and the universe it was drawn from."""
