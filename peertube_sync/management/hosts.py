"""Finding the instance that a command is told by its host."""

from django.core.management.base import CommandError

from peertube_sync.client.errors import InvalidTarget
from peertube_sync.client.hosts import normalise_host
from peertube_sync.models import FormerHost, Instance


def instance_at(host: str) -> Instance:
    """Return the instance at `host`, with or without a scheme; raises CommandError, saying how to add it."""
    try:
        asked = normalise_host(host.partition("://")[2] or host)
    except InvalidTarget as error:
        raise CommandError(str(error)) from error
    if instance := Instance.objects.filter(host=asked).first():
        return instance
    if former := FormerHost.objects.filter(host=asked).select_related("instance").first():
        raise CommandError(f"{asked} was moved to {former.instance.host}: give that host")
    raise CommandError(f"{host} is not mirrored here; add it with: manage.py peertube_add {host}")
