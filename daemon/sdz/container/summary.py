"""What a file says of itself, as plain values: for ``sdz info``, and for other programs.

Header and container only: no numpy, no torch, so that a folder is listed quickly.
"""

from __future__ import annotations

from typing import Any

from sdz.container.fields import Report, SdzFile


def summarize(file: SdzFile, size: int) -> dict[str, Any]:
    """A file of ``size`` bytes as JSON values; keys are stable, None means not in the file."""
    header = file.header
    latents = sum(len(stream.data) for stream in file.streams)
    channels, rows, columns = header.latent_shape
    report = header.report
    return {
        "width": header.width,
        "height": header.height,
        "bytes": size,
        "bits_per_pixel": round(8 * size / (header.width * header.height), 4),
        "model": header.model.name,
        "weights": header.weights.hex(),
        "step": header.step,
        "latents": {
            "channels": channels,
            "height": rows,
            "width": columns,
            "factor": header.model.factor,
            "groups": header.group_count,
            "bytes": latents,
        },
        "alpha_bytes": len(file.alpha.data) if file.alpha else None,
        "tile": header.tiling.tile if header.tiling else None,
        "exif_bytes": len(file.exif) if file.exif else None,
        "xmp_bytes": len(file.xmp) if file.xmp else None,
        "map_bytes": len(file.scores.data) if file.scores else None,
        "kept": summarize_kept(file) if file.kept else None,
        "unknown_chunks": [chunk.kind for chunk in file.extra],
        "report": summarize_report(report) if report else None,
    }


def summarize_kept(file: SdzFile) -> dict[str, Any] | None:
    """The kept regions: how many, what share of the picture they cover at most (regions may lie
    over each other), their bytes, and where they are: [left, top, width, height]."""
    if file.kept is None:
        return None
    boxes = [region.box for region in file.kept.regions]
    pixels = file.header.width * file.header.height
    return {
        "regions": len(boxes),
        "share": round(min(1.0, file.kept.area / pixels), 4),
        "bytes": sum(len(region.data) for region in file.kept.regions),
        "boxes": [[box.left, box.top, box.width, box.height] for box in boxes],
    }


def summarize_report(report: Report) -> dict[str, float]:
    """What the encoder measured, under the names it goes by everywhere."""
    return {"ssimulacra2": report.score, "worst_region": report.worst, "psnr": report.psnr}
