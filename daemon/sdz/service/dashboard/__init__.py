"""The dashboard: the page at ``/`` for the user whose browser was let in, and what it needs.

    files.py          the page and its modules, as they lie in ``static/``
    routes.py         opening it, its session, its files
    compare.py        POST /v1/compare: a picture in another format at a number of bytes
    comparer.py       the process that does that, from outside
    compare_worker.py the same, from inside
    peer.py           whose program a connection is

The page speaks to the API as any client does; nothing is kept for it alone but its session.
"""
