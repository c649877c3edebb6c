"""Kept regions: rectangles of the picture as they are, placed over what the latents give.

    opening.py   a region's bytes to its pixels, and to nothing else
    placing.py   pixels over the picture, with a soft edge
    writing.py   pixels to the smaller of AVIF and lossless WebP
    lines.py     where there may be writing: lines of small letters
    letters.py   how likely a place has some, by a little network
    choosing.py  which regions are worth their bytes

What a file says of them: ``docs/format.md``, chunk ``k``.
"""
