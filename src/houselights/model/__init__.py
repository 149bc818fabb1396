"""The nouns: plain frozen data that every layer above passes around. No behaviour beyond looking things up."""
