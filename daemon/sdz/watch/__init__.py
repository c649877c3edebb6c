"""Watched folders: every picture dropped into one becomes a ``.sdz``, and nothing is ever lost.

    watcher.py   the loop, and inbox.py, every reason for it to wake
    once.py      all that is there now; plan.py: what that would do; amend.py: files once more
    session.py   what a watcher and ``once`` have in common; work.py: what all of them are given
    folder.py    what is watched, and how; names.py: which files are taken; claim.py: by whom
    journal/     what became of every file: sqlite, survives kills
    looking/     events, scans, whether a file is whole, whether a folder can be worked in
    writing/     one picture from claim to journal, several at once, what an error means, the trash
    telling/     status, events, news, notifications

``docs/watch.md`` says what is promised. Nothing here imports torch, numpy or Pillow.
"""
