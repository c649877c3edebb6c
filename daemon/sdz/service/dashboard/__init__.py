"""The dashboard: the page at ``/`` for the user whose browser was let in, and what it needs.

    pages.py          its pages and modules, as they lie in ``static/``
    routes.py         opening it, its session, its files; a picture in another format
    comparer.py       the process that writes and measures that, from outside
    compare_worker.py the same, from inside
    socket_user.py    whose program is at the other end of a connection

The page speaks to the API as any client does; nothing is kept for it alone but its session.
"""
