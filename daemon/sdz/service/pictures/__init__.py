"""Pictures over HTTP: decode, encode, inspect, and the cache of what was decoded."""
