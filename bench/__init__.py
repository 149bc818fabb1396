"""The bars of the design, one file each, measured beside peers in one run. Reports; decides nothing."""
