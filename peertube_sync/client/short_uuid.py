"""PeerTube's short form of a uuid: base58 in Flickr's alphabet, 22 characters (npm `short-uuid` 4.2)."""

from functools import lru_cache
from uuid import UUID

from peertube_sync.client.errors import InvalidTarget

ALPHABET = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 22


@lru_cache(maxsize=1024)
def shorten(uuid: UUID) -> str:
    """Return the short form of `uuid`."""
    number, digits = uuid.int, ""
    while number:
        number, rest = divmod(number, len(ALPHABET))
        digits = ALPHABET[rest] + digits
    return digits.rjust(LENGTH, ALPHABET[0])


def parse_uuid(text: str) -> UUID:
    """Return the uuid that `text` names in its long or short form.

    Raises InvalidTarget for anything else.
    """
    try:
        if len(text) != LENGTH:
            return UUID(text)
        number = 0
        for digit in text:
            number = number * len(ALPHABET) + ALPHABET.index(digit)
        return UUID(int=number)
    except ValueError as error:
        message = f"{text!r} is neither a uuid nor a short uuid of {LENGTH} characters"
        raise InvalidTarget(message) from error
