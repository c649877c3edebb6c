"""What became of every file, kept where a kill does not reach it."""
