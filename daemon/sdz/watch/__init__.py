"""Watched folders: every picture dropped into one becomes a ``.sdz``, and nothing is ever lost.

    folder.py     what is watched, and how: options, checked
    names.py      which files are pictures to take, which are passed over, how outputs are called
    whole.py      whether a picture file has been written to its end
    journal.py    what became of every file: sqlite, survives kills (and the files it names)
    scan.py       the truth: what is in the folder now, told to the journal
    hints.py      watchdog's events, which only say where to look sooner
    lookout.py    when to look where; health.py: whether the folder can be worked in
    place.py      the write: temporary file, flush, read back, link into place
    convert.py    one picture from claim to journal; jobs.py: several at once; plan.py: dry run
    verdict.py    what an error means for a file
    trash.py      originals to the desktop's trash, and back; undo.py
    encoder.py    what turns a picture into .sdz bytes; encoders.py: by the engine
    report.py     what is said about it all: status, events, summary
    watcher.py    the loop that holds these together
    places.py     one process a folder

``docs/watch.md`` says what is promised. Nothing here imports torch, numpy or Pillow.
"""
