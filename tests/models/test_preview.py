from __future__ import annotations

import numpy as np
import pytest

from sdz.errors import NoPreview
from sdz.models import describe
from sdz.models.description import Description, PreviewTable
from sdz.models.known import KNOWN
from sdz.models.preview import draw_preview
from sdz.models.quantiser import UniformQuantiser


def description(rows: object, side: int = 1, factor: int = 8) -> Description:
    table = np.array(rows, np.float32)
    return Description(
        name="own",
        kind="AutoencoderKL",
        factor=factor,
        quantiser=UniformQuantiser(len(table) - 1),
        preview=PreviewTable(table, side),
    )


def test_a_linear_map_with_a_bias() -> None:
    own = description([[0.1, 0.2, 0.0], [0.0, 0.0, 0.5], [0.2, 0.4, 0.0]])
    latents = np.array([[[0.0, 1.0]], [[1.0, 0.0]]], np.float32)
    expected = [[[51, 102, 128], [76, 153, 0]]]
    assert draw_preview(own, latents, 16, 8).tolist() == expected


def test_two_by_two_pixels_a_latent() -> None:
    # One channel; column (dy, dx, colour) of the table is the brightness its number says.
    rows = np.zeros((2, 2, 2, 3))
    rows[0, :, :, :] = np.array([[[1], [2]], [[3], [4]]]) / 255
    own = description(rows.reshape(2, 12), side=2, factor=16)
    latents = np.array([[[1.0, 10.0]]], np.float32)
    picture = draw_preview(own, latents, 32, 16)
    assert picture[:, :, 0].tolist() == [[1, 2, 10, 20], [3, 4, 30, 40]]
    assert (picture == picture[:, :, :1]).all()


@pytest.mark.parametrize(
    ("width", "height", "side", "factor", "shape"),
    [
        (1, 1, 1, 8, (1, 1)),
        (17, 8, 1, 8, (1, 3)),
        (17, 8, 2, 16, (1, 3)),
        (16, 25, 2, 16, (4, 2)),
        (24, 24, 1, 16, (2, 2)),
    ],
)
def test_the_padding_is_cut_off(
    width: int, height: int, side: int, factor: int, shape: tuple[int, int]
) -> None:
    own = description(np.zeros((2, side * side * 3)), side, factor)
    latents = np.zeros((1, -(-height // factor), -(-width // factor)), np.float32)
    picture = draw_preview(own, latents, width, height)
    assert picture.shape == (*shape, 3)
    assert picture.dtype == np.uint8
    assert picture.flags.c_contiguous


def test_latents_out_of_all_bounds_give_black_or_white() -> None:
    own = description([[1.0, -1.0, 0.0], [0.0, 0.0, 0.0]])
    largest = np.float32(2**31 * 2.0**8)  # the largest integer at the coarsest step
    latents = np.full((1, 1, 1), largest)
    assert draw_preview(own, latents, 8, 8).tolist() == [[[255, 0, 0]]]


def test_a_model_without_a_table() -> None:
    own = Description("own", "AutoencoderKL", 8, UniformQuantiser(4))
    with pytest.raises(NoPreview, match="own"):
        draw_preview(own, np.zeros((4, 1, 1), np.float32), 8, 8)


@pytest.mark.parametrize("name", KNOWN)
def test_every_known_model_shows_the_middle_of_its_space_as_some_grey(name: str) -> None:
    known = describe(name)
    assert known.preview is not None
    assert known.preview.rows.shape == (known.quantiser.channels + 1, 3)
    [[colour]] = draw_preview(known, np.zeros((known.quantiser.channels, 1, 1), np.float32), 8, 8)
    assert colour.min() > 95
    assert colour.max() < 165


def test_stable_diffusion_1_shows_light_and_dark() -> None:
    # Scaled latents of the sky and of the trees in a photograph, by Stable Diffusion 1.x.
    known = describe("sd14")
    latents = np.array([[[1.2, -1.1]], [[1.5, -1.6]], [[0.1, -0.3]], [[-0.6, 0.5]]], np.float32)
    [[sky, trees]] = draw_preview(known, latents, 16, 8)
    assert sky.min() > 180
    assert trees.max() < 90
