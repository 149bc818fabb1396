"""The inner loops: compiled, free of the interpreter lock, over raw words and bytes. They know no rule and no name."""
