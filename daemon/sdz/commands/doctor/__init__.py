"""``sdz doctor``: what works here, in one page, and what to do about the rest.

finding.py   what one look gives
machine.py   this program: runtimes, card, formats, models, where things are kept
around.py    what is around it: the daemon, browsers, folders, the desktop
doctor.py    the command
"""
