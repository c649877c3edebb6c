"""The daemon: pictures on request over HTTP on 127.0.0.1, for those who were let in.

    run.py        ``sdz serve``: lock, port, discovery, signals, and the app's life
    app.py        puts the app together from its parts; ``parts.py`` names them
    routing.py    what a route is; every thing has a folder with its routes and their shapes
    perimeter.py  what every request passes: guard, errors, figures, log
    guard.py      who is let in; ``clients.py`` and ``pairing.py`` know them
    problems.py   errors as answers; the only place that knows status codes

Importing this imports neither torch nor numpy nor aiohttp.
"""
