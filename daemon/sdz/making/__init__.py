"""Who makes a ``.sdz`` file of a picture file: one port, and those who do it.

    maker.py    the port: a picture file and a wish in, what was made out
    here.py     in this process
    engine.py   by an engine, behind everybody else
    daemon.py   by the daemon, over its client
    first.py    by the daemon while there is one, else by another maker

Callers say who is to do it where they begin, and know no more of it than the port. (A picture that
is no file, as Pillow has it, goes to ``sdz.pictures``.)
"""
