"""Handing over: what points at rows that go is made to point at the rows that stay, in the tables of all apps.

Relations are found in Django's own records: foreign keys, hidden ones too, one-to-one and many-to-many relations,
generic foreign keys, and the admin's history. Rows are changed by UPDATE, so no `post_save` is sent.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import DO_NOTHING, Case, Model, Q, QuerySet, UniqueConstraint, Value, When

from peertube_sync.models import (
    Caption,
    Chapter,
    Leaving,
    LeavingVideo,
    Login,
    NewestSearch,
    PlaylistElement,
    RemoteKey,
    Ring,
    SkippedItem,
    Tally,
    Transcript,
    Video,
    VideoSearch,
)
from peertube_sync.models.search import FullText
from peertube_sync.sync.tombstones import batches

OURS = "peertube_sync"
GOES: Mapping[type[Model], str] = {
    Caption: "video",
    Chapter: "video",
    Transcript: "video",
    Video.tags.through: "video",
    VideoSearch: "video",
    NewestSearch: "video",
    FullText: "video",
    PlaylistElement: "playlist",
    Leaving: "instance",
    LeavingVideo: "instance",
    Login: "instance",
    RemoteKey: "instance",
    Ring: "instance",
    SkippedItem: "instance",
    Tally: "instance",  # its sums stay, and lose their name
}
"""Rows that are deleted with another row, by the relation that makes them a part of it: they are read anew, or must not
be kept."""

Pairs = Mapping[int, int]
"""The keys of rows that go, each with the key of the row that stays in its place."""


@dataclass(frozen=True)
class Pointer:
    """A column that holds keys of other rows; of a generic foreign key only where `where` says whose keys they are."""

    model: type[Model]
    column: str
    where: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def rows(self, keys: Iterable[int]) -> "QuerySet[Any]":
        """Return the rows that point at one of `keys`, whatever the model's own manager leaves out."""
        return self.model._base_manager.filter(**self.where, **{f"{self.column}__in": [*map(self.spelt, keys)]})

    def spelt(self, key: int) -> object:
        """Return `key` as the column holds it: generic foreign keys are often texts."""
        column: Any = self.model._meta.get_field(self.column)
        return column.to_python(key) if self.where else key

    def hand_over(self, pairs: Pairs) -> int:
        """Let the rows point at what stays; returns how many there were."""
        handed = 0
        for batch in batches(list(pairs)):
            held = set(self.rows(batch).order_by().values_list(self.column, flat=True).distinct())
            cases = [
                When(**{self.column: self.spelt(key)}, then=Value(self.spelt(pairs[key])))
                for key in batch
                if self.spelt(key) in held
            ]
            if cases:
                handed += self.rows(batch).update(**{self.column: Case(*cases)})
        return handed

    def count(self, pairs: Pairs) -> int:
        """Return how many rows would be handed over."""
        return sum(self.rows(batch).count() for batch in batches(list(pairs)))


def pointers(model: type[Model]) -> Iterator[Pointer]:
    """Yield what points at rows of `model` and isn't a part of them, and what points at rows with the same keys."""
    for relation in _relations(model):
        if GOES.get(relation.model) == relation.name or _is_view(relation) or not relation.target_field.primary_key:
            continue
        yield Pointer(relation.model, relation.attname)
        if relation.primary_key:
            yield from pointers(relation.model)
    yield from _generic(model)


def unhandled(model: type[Model], pairs: Pairs) -> Iterator[str]:
    """Yield what can't be handed over: what points by another column than the key, or at a part that goes."""
    for relation in _relations(model):
        if not relation.target_field.primary_key:
            yield from _count_concerned(relation, f"{relation.name}__pk__in", pairs)
        if GOES.get(relation.model) == relation.name:
            for further in _relations(relation.model):
                if further.model._meta.app_label != OURS and not _is_view(further):
                    yield from _count_concerned(further, f"{further.name}__{relation.name}__pk__in", pairs)


def clashes(points: Mapping[type[Model], list[tuple[Pointer, Pairs]]]) -> Iterator[str]:
    """Yield a sentence per row of host projects that can't be handed over, as another one is unique in what it says.

    `points` are the pointers by their model, with what each is about to be handed.
    """
    for model, pointers in points.items():
        if model._meta.app_label != OURS and not model._meta.auto_created:
            for going, staying in sorted(_doubles(pointers)):
                yield f"{model._meta.label} {going} says the same as {staying}, of which there may be one only"


def unite(points: Mapping[type[Model], list[tuple[Pointer, Pairs]]]) -> None:
    """Drop the links of many-to-many relations that are there already: a link is nothing but its two ends."""
    for model, pointers in points.items():
        if model._meta.auto_created:
            twice = [max(pair) for pair in _doubles(pointers)]
            for batch in batches(twice):
                model._base_manager.filter(pk__in=batch).delete()


def _relations(model: type[Model]) -> Iterator[Any]:
    """Yield the foreign keys and one-to-one fields that point at `model`."""
    for relation in model._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one):
            yield relation.field  # type: ignore[union-attr]


def _generic(model: type[Model]) -> Iterator[Pointer]:
    """Yield the generic foreign keys to `model`, and the column of the admin's history that is like one."""
    if not apps.is_installed("django.contrib.contenttypes"):
        return
    from django.contrib.contenttypes.fields import GenericForeignKey  # noqa: PLC0415 - may not be installed
    from django.contrib.contenttypes.models import ContentType  # noqa: PLC0415 - same

    kind = ContentType.objects.get_for_model(model)
    for other in apps.get_models(include_auto_created=True):
        for private_field in other._meta.private_fields:
            if isinstance(private_field, GenericForeignKey) and private_field.model is other:
                yield Pointer(other, private_field.fk_field, {private_field.ct_field: kind})
    if apps.is_installed("django.contrib.admin"):
        yield Pointer(apps.get_model("admin", "LogEntry"), "object_id", {"content_type": kind})


def _is_view(relation: Any) -> bool:
    """Whether the rows follow by themselves: what Django neither makes nor deletes is a view."""
    return not relation.model._meta.managed and relation.remote_field.on_delete is DO_NOTHING


def _count_concerned(relation: Any, lookup: str, pairs: Pairs) -> Iterator[str]:
    """Yield how many rows of `relation` are concerned, unless there are none."""
    rows = relation.model._base_manager
    if found := sum(rows.filter(**{lookup: batch}).count() for batch in batches(list(pairs))):
        yield f"{found} of {relation.model._meta.label} by {relation.name!r}, which can't be handed over"


def _doubles(pointers: list[tuple[Pointer, Pairs]]) -> set[tuple[Any, Any]]:
    """Return the keys of rows that would say the same in columns that are unique, each the one that goes first."""
    plain = {pointer.column: pairs for pointer, pairs in pointers if not pointer.where}
    doubles: set[tuple[Any, Any]] = set()
    for pointer, pairs in pointers:
        spelt = {pointer.spelt(key): pointer.spelt(stays) for key, stays in pairs.items()} if pointer.where else pairs
        maps = {**plain, pointer.column: spelt}
        for columns, condition in _unique(pointer.model):
            if pointer.column in columns:
                doubles |= set(_doubles_of(pointer, pairs, columns, condition, maps))
    return doubles


def _doubles_of(
    pointer: Pointer, pairs: Pairs, columns: list[str], condition: Q, maps: Mapping[str, Mapping[Any, Any]]
) -> Iterator[tuple[Any, Any]]:
    for batch in batches(list(pairs)):
        going = list(pointer.rows(batch).filter(condition).values_list("pk", *columns))
        if not going:
            continue
        staying = pointer.rows(pairs[key] for key in batch).filter(condition).values_list("pk", *columns)
        seen: dict[tuple[Any, ...], Any] = {}
        for pk, *values in [*staying, *going]:
            said = tuple(maps.get(column, {}).get(value, value) for column, value in zip(columns, values, strict=True))
            if None not in said and seen.setdefault(said, pk) != pk:
                yield pk, seen[said]


def _unique(model: type[Model]) -> Iterator[tuple[list[str], Q]]:
    """Yield the columns that are unique together, and of which rows; unique expressions are not among them."""
    meta = model._meta
    named: list[tuple[Iterable[str], Q]] = [((column.name,), Q()) for column in meta.concrete_fields if column.unique]
    named += [(names, Q()) for names in meta.unique_together]
    named += [
        (constraint.fields, constraint.condition or Q())
        for constraint in meta.constraints
        if isinstance(constraint, UniqueConstraint) and constraint.fields
    ]
    for names, condition in named:
        yield [meta.get_field(name).attname for name in names], condition  # type: ignore[union-attr]
