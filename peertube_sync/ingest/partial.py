"""Values of which an answer may tell a part: what it leaves out stays as another answer told it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, UnsetType

Json = dict[str, Any]


class Facts(Json):
    """Some facts by name: those that aren't among them stay."""

    def onto(self, held: Json | None) -> Json:
        """Return the facts held, with these in their place."""
        return {**(held or {}), **self}


class Pictures(list[Json]):
    """All sizes of a picture, in any order; what names one of them is the path of its file.

    Some lists tell no `height` of a picture, and the order changes from answer to answer: neither is news.
    """

    @classmethod
    def of_answer(cls, pictures: "Iterable[msgspec.Struct] | UnsetType") -> "Pictures | UnsetType":
        """Return parsed pictures, the smallest first; UNSET where nothing was told."""
        if isinstance(pictures, UnsetType):
            return UNSET
        images = (
            {name: value for name, value in msgspec.structs.asdict(picture).items() if value not in {None, UNSET}}
            for picture in pictures
        )
        return cls(sorted(images, key=lambda image: (image.get("width") or 0, _name_of_picture(image))))

    def onto(self, held: Sequence[Json] | None) -> list[Json]:
        """Return these pictures, with what is held of each; in the order held where they are the same ones."""
        known = {_name_of_picture(image): image for image in held or ()}
        merged = {_name_of_picture(image): {**known.get(_name_of_picture(image), {}), **image} for image in self}
        return [merged[name] for name in (known if known.keys() == merged.keys() else merged)]


def _name_of_picture(picture: Mapping[str, Any]) -> str:
    """Return what tells a picture from the others of its owner: the path of its file, else its size."""
    address = str(picture.get("path") or picture.get("file_url") or picture.get("url") or "")
    if not address:
        return f"{picture.get('width')}x{picture.get('height')}"
    try:
        return urlsplit(address).path
    except ValueError:
        return address
