"""The demo world: a made-up, correlated, repeatable population with everything that clients ask about.

It writes files and a population file as any company would, and brings them in through the ordinary import; nothing
here reaches into the lake or the index.
"""
