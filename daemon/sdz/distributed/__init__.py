"""Many pictures on many machines: a folder or bucket of them to ``.sdz`` files by a Ray cluster.

    stores.py    where pictures come from and go to: local folders, object stores, by fsspec
    manifest.py  what became of each picture, written so that a killed node loses nothing
    plan.py      which pictures there are to do, and which are done
    actor.py     the work on one node: an engine of its own, as in the daemon
    run.py       the whole, as a dataset of Ray

Only ``run.py`` needs Ray (``pip install 'sdz[ray]'``), and only when it is called.
"""
