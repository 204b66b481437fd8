"""Whether a colour can be read on the grounds of the site's pages, by the rules of WCAG 2.2."""

import re

LIGHT_GROUNDS, DARK_GROUNDS = ("#fbfaf8", "#ffffff"), ("#151517", "#202023")
"""`--ground` and `--raised` of `site.css`, by day and by night."""
LEAST = 4.5
"""The contrast of text that WCAG's level AA asks for."""
COLOUR = re.compile(r"#[0-9a-f]{6}")
STEPS = 100


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, written `#rrggbb`: from 1, the same, to 21, black on white."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def is_readable(colour: str, grounds: tuple[str, ...]) -> bool:
    """Tell whether text of a colour can be read on all of `grounds`."""
    return all(contrast(colour, ground) >= LEAST for ground in grounds)


def readable(colour: str, grounds: tuple[str, ...]) -> str:
    """Return the colour itself where it can be read on `grounds`, else the nearest darker or lighter one that can."""
    end = 0 if grounds == LIGHT_GROUNDS else 255
    mixed = (_mixed(colour, end, step / STEPS) for step in range(STEPS + 1))
    return next(candidate for candidate in mixed if is_readable(candidate, grounds))


def _mixed(colour: str, end: int, share: float) -> str:
    return "#" + "".join(f"{round(part + (end - part) * share):02x}" for part in _red_green_blue(colour))


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _red_green_blue(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _red_green_blue(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
