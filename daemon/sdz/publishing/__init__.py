"""A folder of pictures, or of pages with pictures, made ready to be served to anybody.

    folder.py     what lies in the folder, and what of it is published, copied, left alone
    names.py      how the outputs of a picture are called
    recipe.py     what is made of each picture: a wish, widths
    fallback.py   an AVIF or JPEG of the same look as a .sdz, by score
    picture.py    a picture file -> its .sdz and fallbacks at all widths
    markup.py     outputs -> <picture>
    tags.py       where the <img> of a page are, without touching the rest
    pages.py      a page -> the page with <picture> in place of <img>
    gallery.py    a page of all pictures, where the folder has none
    manifest.py   what was made of what, and which files are ours
    place.py      writing below the folder for outputs, and nothing that is not ours
    bill.py       what visitors fetch, with the extension, sdz.js and neither
    serving.py    middlewares that answer ``Accept: image/x-sdz``

Nothing here prints; ``sdz.commands.publish`` tells the story.
"""
