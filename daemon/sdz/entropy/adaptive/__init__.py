"""The adaptive coder: any latents, statistics learnt from the file as it is read. docs/coder.md."""
