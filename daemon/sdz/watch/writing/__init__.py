"""From a claimed file to its .sdz beside it, and the original to the trash where that is wished."""
