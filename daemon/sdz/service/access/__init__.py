"""Who is let in: clients, pairing, sessions, and the checks that every request passes."""
