"""What each command of ``sdz`` does; ``sdz.cli`` reads the words and calls in here."""
