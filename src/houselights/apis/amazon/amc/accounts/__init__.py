"""Marketing Cloud accounts, their instances, and the advertisers whose data an instance holds. Reads only."""
