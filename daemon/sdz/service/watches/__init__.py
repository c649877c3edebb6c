"""Watched folders over HTTP, and the daemon's own watching of them."""
