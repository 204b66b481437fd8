"""What isn't public in the admin, for users with the permission `view_private_video`."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from peertube_sync.catalogue.visibility import may_see_private
from peertube_sync.models import (
    PUBLIC,
    Account,
    Channel,
    Curation,
    LoggedAction,
    SkippedItem,
    SourceKind,
    SyncRun,
    Tag,
    Video,
)

VIDEO = Video._meta.model_name
NOT_PUBLIC = Video._default_manager.filter(pk=OuterRef("row_id")).exclude(privacy_id=PUBLIC)

OPEN: Mapping[type[Model], Q] = {
    Video: Q(privacy_id=PUBLIC),
    Curation: Q(video__privacy_id=PUBLIC),
    Account: Q(private=False),
    Channel: Q(private=False),
    Tag: Q(Exists(Video.tags.through._default_manager.filter(tag=OuterRef("pk"), video__privacy_id=PUBLIC))),
    SyncRun: ~Q(source__kind=SourceKind.OWN),
    LoggedAction: ~Q(Exists(NOT_PUBLIC), model=VIDEO),
    SkippedItem: ~Q(kind__startswith="own "),
}
"""The rows of each model that tell nothing of what isn't public."""


def opened(rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
    """Return those of `rows` that `user` may see."""
    return rows if may_see_private(user) else rows.filter(OPEN.get(rows.model, Q()))
