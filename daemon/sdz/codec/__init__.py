"""From picture to latents to bytes, and back."""
