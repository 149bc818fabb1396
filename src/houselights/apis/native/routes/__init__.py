"""The operations of this room, a file a subject. A route finds the caller, asks one service, words the answer."""
