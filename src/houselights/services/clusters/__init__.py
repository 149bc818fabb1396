"""Clusters: the groups an audience falls into by what its members are like."""
