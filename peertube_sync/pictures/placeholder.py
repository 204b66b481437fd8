"""What stands for a picture that isn't here: a plain area of the same shape."""

from functools import lru_cache

from peertube_sync.models.picture_shapes import Shape

WIDTH = 16
"""Pixels: none of our pictures is so narrow, so that a page can tell this one by its width."""
COLOUR = "#8883"


@lru_cache(maxsize=16)
def placeholder(shape: Shape) -> bytes:
    """Return an SVG of this shape, WIDTH pixels wide."""
    height = WIDTH * shape.ratio[1] / shape.ratio[0]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:g}" viewBox="0 0 {WIDTH} {height:g}">'
        f'<path fill="{COLOUR}" d="M0 0h{WIDTH}v{height:g}H0z"/></svg>'
    ).encode()
