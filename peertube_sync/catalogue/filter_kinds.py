"""Filters of the kinds that the catalogue needs and django-filter has not: repeatable, strict, and by handle or uuid.

A value that can't be meant is refused by the form field of its filter, in words; it is never ignored.
"""
# mypy: allow-subclassing-any
# (django-filter ships no types)

from collections.abc import Callable, Iterable
from datetime import UTC
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as filters  # type: ignore[import-untyped]
from drf_spectacular.utils import extend_schema_field

from peertube_sync.catalogue.lookups import by_handle, by_host, by_uuid
from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.hosts import normalise_host
from peertube_sync.models.constants import PEERTUBES, Constant, with_constants
from peertube_sync.models.words import WORDS, number_of_words

INT32_MAX = 2**31 - 1
LABEL = "[A-Za-z0-9][A-Za-z0-9_-]*"
HOST = f"{LABEL}([.]{LABEL})*(:[0-9]{{1,4}})?"
QUERY = 200
"""The most characters of a text to search for."""


class RepeatedInput(forms.TextInput):
    """An input whose name may be given several times."""

    def value_from_datadict(self, data: Any, _files: Any, name: str) -> list[str]:
        return data.getlist(name) if isinstance(data, MultiValueDict) else []

    def format_value(self, value: Any) -> str:
        """Show the first of what was given."""
        return value[0] if value else ""


class RepeatedField(forms.Field):
    """A list of values, each read by the form field `one`."""

    widget = RepeatedInput

    def __init__(self, *, one: forms.Field, **options: Any) -> None:
        self.one = one
        super().__init__(**options)

    def to_python(self, value: Any) -> list[object]:
        """Read each value, leaving out empty ones."""
        return [self.one.clean(text) for text in value or () if text]


class ConstantField(forms.Field):
    """A constant of a kind: an id of PeerTube's own, or any id with the instance that means something by it."""

    def __init__(self, *, kind: str, key: forms.Field, **options: Any) -> None:
        self.kind, self.key = kind, key
        super().__init__(**options)

    def to_python(self, value: Any) -> Constant:
        """Return the constant. Raises ValidationError for a bare id that PeerTube doesn't have."""
        before, at, last = value.rpartition("@")
        key = self.key.clean(before if at else last)
        if not at and key not in PEERTUBES[self.kind]:
            message = _("%(text)s is none of PeerTube's own; if an instance made it up, add its host: %(example)s.")
            raise ValidationError(message % {"text": repr(value), "example": f"{value}@video.example"})
        try:
            return Constant(key, normalise_host(last) if at else "")
        except InvalidTarget as error:
            raise ValidationError(str(error)) from error


class NamedField(forms.CharField):
    """What names a row, read `by` one of the functions of `lookups` into a condition."""

    def __init__(self, *, by: Callable[[str], Q], **options: Any) -> None:
        self.by = by
        super().__init__(**options)

    def to_python(self, value: Any) -> Any:
        """Return the condition, None for nothing."""
        text = super().to_python(value)
        try:
            return self.by(text) if text else None
        except InvalidTarget as error:
            raise ValidationError(str(error)) from error

    def run_validators(self, _value: Any) -> None:
        """Validate nothing more: a condition isn't text."""


class YesNoField(forms.CharField):
    """`true` or `false`, nothing else."""

    def to_python(self, value: Any) -> Any:
        """Return the truth value, None for nothing."""
        text = super().to_python(value)
        if text not in {"", "true", "false"}:
            message = _("%(text)s is neither true nor false.") % {"text": repr(text)}
            raise ValidationError(message)
        return {"true": True, "false": False}.get(text)

    def run_validators(self, _value: Any) -> None:
        """Validate nothing more: a truth value isn't text."""


class TimeField(filters.IsoDateTimeFilter.field_class):
    """A date or time in ISO 8601, in UTC unless it names a zone: an address selects the same whoever opens it."""

    default_error_messages = {
        "invalid": gettext_lazy("Give a date or time in ISO 8601, like 2024-05-31 or 2024-05-31T12:00:00Z.")
    }

    def to_python(self, value: Any) -> object:
        """Return the time in UTC. Raises ValidationError for one at the very edge of the calendar too."""
        try:
            with timezone.override(UTC):
                time = super().to_python(value)
            return time and time.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError(self.error_messages["invalid"]) from error


class DescribedFilter(filters.Filter):
    """A filter that says in the OpenAPI document what it takes, in the words of its `help_text`."""

    schema: ClassVar[dict[str, Any]] = {}

    def __init__(self, *args: Any, help_text: str, **options: Any) -> None:
        super().__init__(*args, help_text=help_text, **options)
        extend_schema_field({**self.schema, "description": help_text})(self)


class AnyTextFilter(DescribedFilter):
    """Rows that have any of the given texts."""

    field_class = RepeatedField
    schema = {"type": "array", "items": {"type": "string"}}
    one: ClassVar[forms.Field] = forms.CharField(validators=[ProhibitNullCharactersValidator()])

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, lookup_expr="in", one=self.one, **options)


NUMBER = ("-?[0-9]{1,9}", forms.IntegerField(min_value=-INT32_MAX - 1, max_value=INT32_MAX))
CODE = ("[A-Za-z0-9_-]+", forms.CharField(required=False, strip=False, validators=AnyTextFilter.one.validators))
"""The two kinds of ids: each with the pattern of its spelling, and the form field that reads it."""


class ConstantFilter(AnyTextFilter):
    """Videos that have any of the given constants of a kind."""

    def __init__(self, kind: str, ids: tuple[str, forms.Field], **options: Any) -> None:
        pattern, key = ids
        self.kind, self.one = kind, ConstantField(kind=kind, key=key)  # type: ignore[misc]
        known = "|".join(map(str, PEERTUBES[kind]))
        item_schema = {"type": "string", "pattern": f"^({known}|{pattern}@{HOST})$"}
        self.schema = {"type": "array", "items": item_schema}  # type: ignore[misc]
        super().__init__(f"{kind}_id", **options)

    def filter(self, queryset: QuerySet[Any], value: list[Constant]) -> QuerySet[Any]:
        """Keep those that have one of them."""
        return queryset.filter(with_constants(self.kind, value)) if value else queryset


class AnyWordFilter(AnyTextFilter):
    """Rows that have any of some words."""

    def __init__(self, *args: Any, words: Iterable[str], **options: Any) -> None:
        self.one = OneOfField(choices=[(word, word) for word in words])  # type: ignore[misc]
        self.schema = {"type": "array", "items": {"type": "string", "enum": [*words]}}  # type: ignore[misc]
        super().__init__(*args, **options)


class QueryField(forms.CharField):
    def to_python(self, value: Any) -> Any:
        """Return the text. Raises ValidationError where it has too many words."""
        text = super().to_python(value)
        if number_of_words(text or "") > WORDS:
            message = _("At most %(number)s words are taken.") % {"number": WORDS}
            raise ValidationError(message)
        return text


class SearchFilter(DescribedFilter):
    """Videos that words find; the set of filters looks for them last, among what the others leave."""

    field_class = QueryField
    schema = {"type": "string", "maxLength": QUERY}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, max_length=QUERY, **options)


class YesNoFilter(DescribedFilter):
    """Rows of which it is true, or false."""

    field_class = YesNoField
    schema = {"type": "boolean"}


class WholeNumberFilter(DescribedFilter):
    """Rows with a number at least or at most as given."""

    field_class = forms.IntegerField
    schema = {"type": "integer", "minimum": 0, "maximum": INT32_MAX}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, min_value=0, max_value=INT32_MAX, **options)


class OneOfField(forms.ChoiceField):
    """One of some words; the error for any other names all of them."""

    def validate(self, value: Any) -> None:
        """Raise ValidationError for a word that isn't one."""
        if value and not self.valid_value(value):
            words: Any = self.choices
            message = f"{value!r} is none of {', '.join(word for word, _label in words if word)}."
            raise ValidationError(message)


class OneOfFilter(DescribedFilter):
    """Rows with one of the values that a column may have."""

    field_class = OneOfField

    def __init__(self, *args: Any, choices: Any, **options: Any) -> None:
        self.schema = {"type": "string", "enum": choices.values}  # type: ignore[misc]
        super().__init__(*args, choices=choices.choices, **options)


class TimeFilter(DescribedFilter):
    """Rows from or until a time."""

    field_class = TimeField
    schema = {
        "anyOf": [
            {"type": "string", "format": "date-time"},
            {"type": "string", "format": "date"},
            {"type": "string", "maxLength": 0},
        ]
    }


class NamedFilter(DescribedFilter):
    """Rows that belong to what is named; `rows` returns those of which one is meant."""

    field_class = NamedField
    schema = {"type": "string"}

    def __init__(self, field_name: str, rows: Callable[[], QuerySet[Any]], **options: Any) -> None:
        self.rows = rows
        super().__init__(field_name, by=self.by, **options)

    @staticmethod
    def by(text: str) -> Q:
        """Return the condition that `text` stands for. Raises InvalidTarget."""
        raise NotImplementedError

    def filter(self, queryset: QuerySet[Model], value: Q | None) -> QuerySet[Model]:
        """Keep those of what `value` names."""
        return queryset.filter(**{f"{self.field_name}__in": self.rows().filter(value)}) if value else queryset


class HandleFilter(NamedFilter):
    """Rows of the actor with a handle."""

    schema = {"type": "string", "example": "name@video.example", "pattern": f"^(@?[A-Za-z0-9._-]+@{HOST})?$"}
    by = staticmethod(by_handle)


class HostFilter(NamedFilter):
    """Rows of the instance at a host."""

    schema = {"type": "string", "example": "video.example", "pattern": f"^({HOST})?$"}
    by = staticmethod(by_host)


class UUIDFilter(NamedFilter):
    """Rows of what has a uuid, long or short."""

    schema = {"type": "string", "example": "3cfb95f8-37a6-4f8a-8a51-729fee50cf98"}
    by = staticmethod(by_uuid)
