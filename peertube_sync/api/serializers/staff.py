"""What staff see and write: sources, and decisions about videos."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from peertube_sync.api.serializers.plan import Derived
from peertube_sync.api.serializers.shared import ObjectField, RowSerializer, example
from peertube_sync.models import Curation, Source, SourceState
from peertube_sync.models.rules import EXAMPLE, validate_rules

WHAT = 2_000


class BodySerializer(serializers.Serializer[Any]):
    """A body that was sent; keys that nobody knows are refused, as unknown parameters are."""

    def to_internal_value(self, data: Any) -> object:
        """Read it. Raises ValidationError."""
        for name in set(data) - set(self.fields) if isinstance(data, Mapping) else ():
            raise ValidationError({str(name): [f"There is no such key here. Known: {', '.join(self.fields)}."]})
        return super().to_internal_value(data)


@extend_schema_serializer(examples=example("A source", "Source"))
class SourceSerializer(RowSerializer[Source]):
    """What is mirrored of an instance, and when it is looked at next."""

    host = Derived(str, "instance__host", help_text="The host that it is on.")
    state = Derived(str, "state", help_text=f"Whether it is worked on: {', '.join(SourceState.values)}.")
    instance_state = Derived(str, "instance__state", help_text="What the last contact with its instance came to.")
    rules = ObjectField(read_only=True, help_text=f"Which of its videos are wanted, like {EXAMPLE}.")

    class Meta:
        model = Source
        fields: tuple[str, ...] = (
            "id",
            "host",
            "kind",
            "name",
            "state",
            "instance_state",
            "rules",
            "added_at",
            "remote_total",
            "excluded",
            "unread",
            "head_at",
            "head_due_at",
            "sweep_at",
            "sweep_due_at",
            "lists_due_at",
            "last_error",
        )
        extra_kwargs = {
            "name": {"help_text": "The name of the channel or account, or a uuid; empty for a whole instance."},
            "remote_total": {"help_text": "How many videos it said to have at the last look."},
            "excluded": {"help_text": "How many of these break a rule."},
            "unread": {"help_text": "How many of these the last walk could not read."},
            "head_at": {"help_text": "When new videos were last looked for, and what was shown could be read."},
            "sweep_at": {"help_text": "When all of it was last walked through, and could be read."},
            "lists_due_at": {"help_text": "When its channels and playlists are listed next."},
        }


class CostSerializer(serializers.Serializer[Any]):
    """What was recognised, and what mirroring it costs."""

    title = serializers.CharField(help_text="What it calls itself.")
    version = serializers.CharField(help_text="The version of PeerTube; empty when it doesn't tell.")
    videos = serializers.IntegerField(help_text="How many it has.")
    list_requests = serializers.IntegerField(help_text="Requests until there is a list.")
    requests = serializers.IntegerField(help_text="Requests for everything.")
    seconds = serializers.FloatField(help_text="How long that takes at the allowed pace.")
    size = serializers.IntegerField(help_text="Bytes of database, roughly.")


@extend_schema_serializer(examples=example("A source, just added", "AddedSource"))
class AddedSourceSerializer(SourceSerializer):
    """The source that was added, or was there before."""

    cost = CostSerializer(read_only=True)

    class Meta(SourceSerializer.Meta):
        fields = (*SourceSerializer.Meta.fields, "cost")


@extend_schema_serializer(examples=example("A channel, without sensitive videos", "AddSource", sent=True))
class AddSourceSerializer(BodySerializer):
    """What to mirror."""

    what = serializers.CharField(
        max_length=WHAT,
        help_text="A host, a handle, or the address of an instance, channel, account, playlist or video.",
    )
    rules = ObjectField(required=False, default=dict, help_text=f"Which of its videos are wanted, like {EXAMPLE}.")

    def validate_rules(self, rules: Any) -> object:
        """Return `rules`. Raises ValidationError."""
        validate_rules(rules)
        return rules


@extend_schema_serializer(examples=example("A complete walk", "Sync", sent=True))
class SyncSerializer(BodySerializer):
    """How to sync."""

    full = serializers.BooleanField(
        required=False, default=False, help_text="Whether to walk through all of it, not only its newest videos."
    )


@extend_schema_serializer(examples=example("A featured video", "Curation"))
class CurationSerializer(RowSerializer[Curation]):
    """What this site decided about a video, whatever became of that."""

    uuid = Derived(str, "video__uuid", schema={"type": "string", "format": "uuid"}, help_text="That of the video.")
    host = Derived(str, "video__instance__host", help_text="The host of its instance.")
    name = Derived(str, "video__name", help_text="What its source calls it.")
    removed_reason = Derived(str, "video__removed_reason", help_text="Why the source has it no more; empty if it has.")
    changed_at = serializers.DateTimeField(read_only=True, allow_null=True, help_text="Null where nothing is decided.")

    class Meta:
        model = Curation
        fields: tuple[str, ...] = (
            "uuid",
            "host",
            "name",
            "removed_reason",
            "hidden",
            "featured",
            "title",
            "text",
            "changed_at",
        )


@extend_schema_serializer(examples=example("Feature it, by another name", "Decision", sent=True))
class DecisionSerializer(BodySerializer, serializers.ModelSerializer[Curation]):
    """What to decide; what is left out stays as it is."""

    class Meta:
        model = Curation
        fields = ("hidden", "featured", "title", "text")
        extra_kwargs = {
            "hidden": {"help_text": "Whether it is shown nowhere on this site."},
            "featured": {"help_text": "Whether it is singled out."},
            "title": {"help_text": "Shown in the place of the source's; empty for the source's."},
            "text": {"help_text": "Shown in the place of the source's description; empty for the source's."},
        }
