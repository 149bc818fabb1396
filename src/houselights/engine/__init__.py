"""Who is in a rule, and what they have in common: evaluators, index, overlap, explain. Knows no vendor and no HTTP."""
