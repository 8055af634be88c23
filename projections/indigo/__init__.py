"""A contract in the shape of INDIGO, the impact bond dataset of GO Lab, Oxford."""
