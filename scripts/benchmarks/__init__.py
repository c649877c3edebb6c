"""What `scripts/bench` measures: sdz beside the codecs that people use, in one run."""
