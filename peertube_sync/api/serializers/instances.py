"""Instances as JSON; nothing of how they are worked on."""

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from peertube_sync.api.serializers.plan import Derived
from peertube_sync.api.serializers.shared import ObjectField, RowSerializer, example
from peertube_sync.models import Instance
from peertube_sync.models.reading import home_url

COUNTS = ("videos_count", "channels_count", "accounts_count", "playlists_count")


@extend_schema_serializer(examples=example("An instance", "Instance"))
class InstanceSerializer(RowSerializer[Instance]):
    """A PeerTube server, and how much of it is mirrored here."""

    url = Derived(home_url, "scheme", "host", help_text="Its front page.")
    videos_count = serializers.IntegerField(read_only=True, help_text="How many of its videos are shown here.")
    channels_count = serializers.IntegerField(read_only=True)
    accounts_count = serializers.IntegerField(read_only=True)
    playlists_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Instance
        fields: tuple[str, ...] = (
            "host",
            "url",
            "name",
            "short_description",
            "version",
            "state",
            "added_at",
            "refreshed_at",
            *COUNTS,
        )
        extra_kwargs = {
            "host": {"help_text": "Its identity; with a port where that isn't the default."},
            "version": {"help_text": "The version of PeerTube it runs."},
            "state": {"help_text": "What the last contact came to."},
            "refreshed_at": {"help_text": "When it last told of itself."},
        }


@extend_schema_serializer(examples=example("An instance in full", "InstanceDetails"))
class InstanceDetailsSerializer(InstanceSerializer):
    """A PeerTube server with all that it says of itself."""

    about = ObjectField(read_only=True, help_text="Its answer to `/config/about`.")
    config = ObjectField(read_only=True, help_text="Its answer to `/config`.")
    stats = ObjectField(read_only=True, help_text="Its answer to `/server/stats`.")
    constants = ObjectField(read_only=True, help_text="Its categories, licences, languages and privacies.")

    class Meta(InstanceSerializer.Meta):
        fields = (*InstanceSerializer.Meta.fields, "about", "config", "stats", "constants")
