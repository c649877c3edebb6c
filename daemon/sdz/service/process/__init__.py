"""The daemon as a process: its start and end, its port, its log, the system's service manager."""
