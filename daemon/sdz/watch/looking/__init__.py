"""What there is: events, scans, whether a file is whole, whether a folder can be worked in."""
