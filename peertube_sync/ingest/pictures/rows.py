"""The rows that have pictures, and which one each has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from peertube_sync.client.naming import snake_keys
from peertube_sync.models import Account, Channel, Instance, Playlist, Video
from peertube_sync.models import picture_shapes as shapes
from peertube_sync.models.base import Row
from peertube_sync.models.picture_shapes import Picked, images_of_instance, pick


@dataclass(frozen=True)
class Pictured:
    """Rows that have a picture: those that everybody may see, what tells of the picture, and in which order they come.

    `publishing` leaves out most rows that have none. `instance` is the column with the key of the instance that is
    asked for it.
    """

    shown: Callable[[], Any]
    columns: tuple[str, ...]
    newest_first: tuple[str, ...]
    publishing: Q = field(default_factory=Q)
    instance: str = "instance"


PICTURED: Mapping[str, Pictured] = {
    shapes.VIDEO: Pictured(
        Video.objects.available, ("thumbnails", "preview_path", "thumbnail_path"), ("-published_at", "-pk")
    ),
    shapes.CHANNEL_AVATAR: Pictured(Channel.objects.available, ("avatars",), ("-pk",), ~Q(avatars=[])),
    shapes.CHANNEL_BANNER: Pictured(Channel.objects.available, ("banners",), ("-pk",), ~Q(banners=[])),
    shapes.ACCOUNT_AVATAR: Pictured(Account.objects.available, ("avatars",), ("-pk",), ~Q(avatars=[])),
    shapes.PLAYLIST: Pictured(Playlist.objects.available, ("thumbnails", "thumbnail_path"), ("-updated_at", "-pk")),
    shapes.INSTANCE_AVATAR: Pictured(Instance.objects.mirrored, ("config",), ("pk",), instance="pk"),
    shapes.INSTANCE_BANNER: Pictured(Instance.objects.mirrored, ("config",), ("pk",), instance="pk"),
}
"""By what pictures are of, in the order in which they are fetched."""


def picked_of(of: str, row: Row) -> Picked | None:
    """Return the picture of a row that has the columns of its kind; None where it has none."""
    if of in (shapes.INSTANCE_AVATAR, shapes.INSTANCE_BANNER):
        column = "avatars" if of == shapes.INSTANCE_AVATAR else "banners"
        return pick(of, images_of_instance(snake_keys(row["config"]), column))
    return pick(of, *(row[column] for column in PICTURED[of].columns))


def shown_row(of: str, pk: int) -> Row | None:
    """Return the row with this key as far as its picture is concerned, None where nobody may see it."""
    kind = PICTURED[of]
    row: Row | None = kind.shown().filter(pk=pk).order_by().values("pk", kind.instance, *kind.columns).first()
    return row
