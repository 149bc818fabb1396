"""Look-alikes: an audience grown by the people outside it who are most like those in it."""
