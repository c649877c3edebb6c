"""The layers of lite-1 in integers, by a small C library: the same pixels on every machine.

Symbols go in and pixels come out, with no floating-point number and no runtime between them. Stands
on numpy and ``errors`` alone; docs/network.md is the normative page.
"""

from sdz.network.network import Network, network_of, read_network

__all__ = ["Network", "network_of", "read_network"]
