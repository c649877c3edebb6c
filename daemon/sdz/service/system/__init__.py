"""The daemon on itself: status, events, figures, memory."""
