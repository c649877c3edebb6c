"""The daemon: pictures on request over HTTP on 127.0.0.1, for those who were let in.

    http/       routes, queries and bodies, answers, problems; knows no feature
    access/     who is let in: clients, pairing, sessions, the guard that every request passes
    pictures/   decode, encode, inspect; the cache of what was decoded
    models/     models in memory, and the pulls that fetch them
    watches/    watched folders
    dashboard/  the page for people
    system/     status, events, figures, the API's description
    app.py      puts these together: parts, routes, what begins and ends with it
    process/    ``sdz serve``: lock, port, log, signals, and the app's life

A thing's folder has its routes, the shapes that they take and give, and its parts, each with the
key by which the app keeps it. tests/service/test_rooms.py says which folder may know which.
Importing this imports neither torch nor numpy nor aiohttp.
"""
