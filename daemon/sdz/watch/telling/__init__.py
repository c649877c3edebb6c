"""What is said of watched folders: reports, news, notes, notifications of the desktop."""
