"""What the training runs in place of the package's network is equal to it."""

from __future__ import annotations

import numpy as np
import pytest
import swift
import torch
from depthwise import leaky_depthwise_plain
from grow import begin_from, places
from rates import gains, quantised
from small_lite import SMALL

from sdz.models import editions, lite_tables, lite_torch
from sdz.models.lite_net import Block, LiteNet, LiteShape

WIDER = LiteShape(
    encode_width_8=128, encode_width_16=256, encode_8=3, encode_16=4, decode_16=5, decode_8=4
)


def test_swift_layers_are_the_networks_own_with_their_gradients() -> None:
    torch.manual_seed(0)
    net = LiteNet(SMALL, 8).double()
    x = torch.rand(2, 3, 48, 80, dtype=torch.float64) - 0.5
    layers = [p for n, p in net.named_parameters() if "." in n]
    latents = net.encoder(x)
    pixels = net.decoder(latents)
    swift_latents = swift.encode(
        net.encoder, swift.unshuffled(x.permute(0, 2, 3, 1)), swift.run_plain
    )
    swift_pixels = swift.decode(net.decoder, swift_latents, swift.run_plain, swift.overlap)
    assert torch.allclose(latents, swift_latents.permute(0, 3, 1, 2), atol=1e-12)
    # the patches are added in float32, whatever the rest is in
    assert torch.allclose(pixels, swift_pixels.double(), atol=1e-6)
    grads = [torch.autograd.grad(p.double().square().sum(), layers) for p in (pixels, swift_pixels)]
    for ours, theirs in zip(*grads, strict=True):
        assert torch.allclose(ours, theirs, rtol=1e-5, atol=1e-5 * theirs.abs().max().item())


def test_a_block_in_rows_is_the_block() -> None:
    torch.manual_seed(0)
    block, x = Block(32), torch.randn(2, 32, 5, 7)
    ours = swift.run_plain(block, x.permute(0, 2, 3, 1).contiguous())
    assert torch.allclose(ours.permute(0, 3, 1, 2), block(x), atol=1e-5)
    weight, bias = block.depth.weight, block.depth.bias
    rows = leaky_depthwise_plain(x.permute(0, 2, 3, 1), weight, bias)
    assert torch.allclose(
        rows.permute(0, 3, 1, 2),
        block.depth(torch.nn.functional.leaky_relu(x, 0.1)),
        atol=1e-5,
    )


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_blocks_by_hand_are_blocks_with_their_gradients() -> None:
    torch.manual_seed(0)
    for width, size in ((32, (2, 5, 37)), (96, (1, 3, 7))):
        block = Block(width).cuda()
        x = torch.randn(*size, width, device="cuda", requires_grad=True)
        found = []
        for run in (swift.run_hand, swift.run_plain):
            y = run(block, x)
            found.append([y, *torch.autograd.grad(y.square().sum(), [x, *block.parameters()])])
        for ours, theirs in zip(*found, strict=True):
            assert (ours - theirs).norm() < 1e-3 * theirs.norm()


def test_without_a_shape_it_keeps_the_editions() -> None:
    assert begin_from(editions.WEIGHTS).shape == lite_torch.network(editions.WEIGHTS).shape


def test_a_grown_network_begins_as_the_edition() -> None:
    edition = lite_torch.load()
    grown = begin_from(editions.WEIGHTS, WIDER).requires_grad_(False)
    x = torch.rand(1, 3, 96, 64, generator=torch.Generator().manual_seed(1))
    latents = grown.encoder(x - 0.5)
    theirs = edition.encode(x)
    assert torch.allclose(latents, theirs, atol=1e-4 * theirs.abs().max().item())
    position = torch.tensor([2.0])
    _, back = quantised(theirs.permute(0, 2, 3, 1), grown.encode_gain, grown.decode_gain, position)
    back = back.permute(0, 3, 1, 2)
    assert torch.allclose(grown.decoder(back) + 0.5, edition.decode(back), atol=1e-4)


def test_all_of_a_grown_network_can_learn() -> None:
    grown = begin_from(editions.WEIGHTS, WIDER)
    x = torch.rand(1, 3, 32, 32) - 0.5
    loss = grown.decoder(grown.encoder(x) / 1000).square().sum()
    grads = torch.autograd.grad(loss, [p for n, p in grown.named_parameters() if "." in n])
    silent = sum(not g.any() for g in grads)
    # of a silent block all but its two last layers wait for these to speak
    assert silent <= 8 * (WIDER.encode_16 + WIDER.decode_16 + 1)
    assert places(5, 3) == [1, 2, 4]
    assert places(4, 4) == [0, 1, 2, 3]


@pytest.mark.parametrize("position", [-1.2, 0.0, 0.3, 3.0, 6.7, 7.5])
def test_gains_are_the_quantisers(position: float) -> None:
    table = lite_tables.tables().quantiser
    decode_gain = lite_torch.network().decode_gain.numpy()
    last = len(table.encode_gain) - 1
    code = round(lite_tables.FINEST_CODE + (last - position) * lite_tables.CODES_PER_RATE)
    at = torch.tensor([table.position(code)])
    for rows, slope, theirs, near in (
        (table.encode_gain, lite_tables.LOG_RATIO, table.scales(code), 1e-5),
        (decode_gain, -lite_tables.LOG_RATIO, table.steps(code), 1e-4),  # integers of 16 bits
    ):
        ours = gains(torch.from_numpy(rows), at, slope).exp()[0].numpy()
        assert np.allclose(ours, theirs, rtol=near)
