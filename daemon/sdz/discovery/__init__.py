"""What client and daemon know of each other.

    announced.py  the files by which the daemon says where it is, and what the user's programs show
    proof.py      what is shown, and how the daemon proves itself first
    private.py    writing a file that only its owner can read

The standard library alone: a command that asks the daemon starts at once.
"""
