"""What a person asks of a model before fetching it: what it is for, how much it is, who may use it.

Sizes are rounded: those of the networks' weights in 32 bits, which is what the repositories hold;
what is fetched says its own. Licences are those that the pages of the repositories named when they
were read for this, taesd's that of github.com/madebyollin/taesd; those of pages that were not read
are not given. What a page says now decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sdz.models.known import BUILT_IN, KNOWN

_MB: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class About:
    """purpose: in words. licence: its name, or where it is found. bytes: about what a pull fetches.
    needs: what has to be installed besides; empty: nothing."""

    purpose: str
    licence: str
    bytes: int = 0
    needs: str = ""


_OTHERS: Final = "sdz[diffusion]"
_ON_ITS_PAGE: Final = "see its page"

ABOUT: Final = {
    BUILT_IN: About("photographs at small sizes; made for sdz, what nearly all should use", "MIT"),
    "sd14": About(
        "reads and makes latents of Stable Diffusion 1", "CreativeML OpenRAIL-M", 335 * _MB, _OTHERS
    ),
    "sd-mse": About("as sd14, with smoother, steadier decoding", "MIT", 335 * _MB, _OTHERS),
    "sdxl": About("latents of Stable Diffusion XL", "MIT", 335 * _MB, _OTHERS),
    "taesd": About("latents of Stable Diffusion 1, small and quick", "MIT", 10 * _MB, _OTHERS),
    "taesdxl": About("latents of Stable Diffusion XL, small and quick", "MIT", 10 * _MB, _OTHERS),
    "taesd3": About(
        "latents of Stable Diffusion 3, small and quick", _ON_ITS_PAGE, 10 * _MB, _OTHERS
    ),
    "taef1": About("latents of FLUX.1, small and quick", _ON_ITS_PAGE, 10 * _MB, _OTHERS),
}
"""By the names of ``known.KNOWN``, and the built-in one's."""


def about(name: str) -> About:
    """What is known of a model; of one that was added, that it was."""
    return ABOUT.get(name, About("added from a folder on this machine", "not known", 0, _OTHERS))


def page(name: str) -> str:
    """Where a model's makers say what may be done with it; empty for what has no page."""
    known = KNOWN.get(name)
    return f"https://huggingface.co/{known.repo}" if known else ""
