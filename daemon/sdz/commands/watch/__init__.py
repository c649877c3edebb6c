"""``sdz watch`` and the commands under it."""
