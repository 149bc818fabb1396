"""Callbacks: kept before anything is sent, sent until the receiver has them, to addresses that may be called only."""
