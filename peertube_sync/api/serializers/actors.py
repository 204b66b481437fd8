"""Accounts and channels as JSON: as summaries in other answers, in lists, and in full."""

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from peertube_sync.api.serializers.plan import Derived
from peertube_sync.api.serializers.shared import ObjectField, RowSerializer, example, images
from peertube_sync.models import Account, Channel
from peertube_sync.models.picture_shapes import ACCOUNT_AVATAR, CHANNEL_AVATAR, CHANNEL_BANNER

SUMMARY = ("name", "host", "handle", "display_name", "url", "avatars")
FACTS = ("remote_id", "following_count", "followers_count", "created_at", "updated_at", "details_fetched_at")
VIDEOS = ("videos_count", "last_published_at")
TEXTS = {
    "remote_id": {"help_text": "Its `id` at the source."},
    "url": {"help_text": "Its ActivityPub id, which is its address at the source too."},
    "details_fetched_at": {"help_text": "When its full facts were last read; until then counts and times are null."},
}


def _host_field() -> Derived:
    return Derived(str, "instance__host", help_text="The home of it.")


def _handles() -> Derived:
    return Derived("{}@{}".format, "name", "instance__host", help_text="`name@host`, as people write it.")


class AccountSummarySerializer(RowSerializer[Account]):
    """Who publishes, in short."""

    sparse = False
    host = _host_field()
    handle = _handles()
    avatars = images(ACCOUNT_AVATAR, "avatars", "By width.")

    class Meta:
        model = Account
        fields: tuple[str, ...] = SUMMARY
        extra_kwargs = TEXTS


class ChannelSummarySerializer(RowSerializer[Channel]):
    """Where something is published, in short."""

    sparse = False
    host = _host_field()
    handle = _handles()
    avatars = images(CHANNEL_AVATAR, "avatars", "By width.")

    class Meta:
        model = Channel
        fields: tuple[str, ...] = SUMMARY
        extra_kwargs = TEXTS


class AccountSerializer(AccountSummarySerializer):
    """A person or organisation on an instance."""

    sparse = True
    videos_count = serializers.IntegerField(read_only=True, help_text="How many of its videos are shown here.")
    last_published_at = serializers.DateTimeField(read_only=True, allow_null=True, help_text="Of its newest video.")

    class Meta(AccountSummarySerializer.Meta):
        fields: tuple[str, ...] = (*SUMMARY, *FACTS, *VIDEOS)


class AccountDetailsSerializer(AccountSerializer):
    """A person or organisation on an instance, in full."""

    extra = ObjectField(read_only=True, help_text="What else its instance publishes of it.")

    class Meta(AccountSerializer.Meta):
        fields = (*AccountSerializer.Meta.fields, "description", "extra")


@extend_schema_serializer(examples=example("A channel", "Channel"))
class ChannelSerializer(ChannelSummarySerializer):
    """What videos are published in."""

    sparse = True
    banners = images(CHANNEL_BANNER, "banners", "By width.")
    owner_account = AccountSummarySerializer(read_only=True, allow_null=True)
    videos_count = serializers.IntegerField(read_only=True, help_text="How many of its videos are shown here.")
    last_published_at = serializers.DateTimeField(read_only=True, allow_null=True, help_text="Of its newest video.")

    class Meta(ChannelSummarySerializer.Meta):
        fields: tuple[str, ...] = (*SUMMARY, "banners", *FACTS, *VIDEOS, "owner_account")


@extend_schema_serializer(examples=example("A channel in full", "ChannelDetails"))
class ChannelDetailsSerializer(ChannelSerializer):
    """What videos are published in, in full."""

    extra = ObjectField(read_only=True, help_text="What else its instance publishes of it.")

    class Meta(ChannelSerializer.Meta):
        fields = (*ChannelSerializer.Meta.fields, "description", "support", "extra")
