"""At home in the file manager: the type's name, its icon, thumbnails, and what opens it.

``sdz desktop install`` writes the files of freedesktop.org's specifications under the user's own
folders, ``sdz desktop remove`` takes them away again; ``thumbnail.py`` is what file managers run.
"""
