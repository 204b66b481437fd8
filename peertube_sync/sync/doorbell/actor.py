"""Who we are to the instances that we follow: our addresses, our documents, our keys."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.urls import reverse

from peertube_sync.client.errors import Locked
from peertube_sync.client.hosts import normalise_host
from peertube_sync.client.http_signatures import new_key_pair
from peertube_sync.client.secret import Secret
from peertube_sync.conf import Settings
from peertube_sync.models import DoorbellActor, SiteLook
from peertube_sync.sync.operations.vault import Vault

NAME = "doorbell"
"""What we are called. An Application of the name `peertube` would be taken for an instance, and followed back."""
KEY = "#main-key"
"""What makes the address of a key of the address of its actor, as PeerTube has it."""
URLS = "peertube_sync_doorbell"
CONTEXT = ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"]
PUBLIC = "https://www.w3.org/ns/activitystreams"
LOST_KEY = (
    'the private key of the doorbell was encrypted by a key that isn\'t in PEERTUBE_SYNC["TOKEN_KEYS"] any more; put '
    "that key back behind the first one, or make a new one with: manage.py peertube_doorbell --new-key (instances take "
    "it after two days, when they read our actor anew)"
)
Json = dict[str, Any]


@dataclass(frozen=True)
class Us:
    """Our addresses at the site whose origin is `origin`, like "https://videos.example"."""

    origin: str

    @classmethod
    def of(cls, settings: Settings) -> "Us":
        """Return those of the site; its own path doesn't count, the urls have it."""
        parts = urlsplit(settings.site_url)
        return cls(f"{parts.scheme}://{parts.netloc}")

    @property
    def host(self) -> str:
        """The host as requests to us name it."""
        parts = urlsplit(self.origin)
        return normalise_host(parts.netloc, parts.scheme)

    @property
    def actor(self) -> str:
        return self.origin + reverse(f"{URLS}:actor")

    @property
    def key_id(self) -> str:
        return f"{self.actor}{KEY}"

    @property
    def inbox_path(self) -> str:
        return reverse(f"{URLS}:inbox")

    def collection(self, name: str) -> str:
        """Return the address of "followers", "following" or "outbox"."""
        return self.origin + reverse(f"{URLS}:collection", args=[name])

    def document(self, public_key: str, settings: Settings) -> Json:
        """Return what is told of the actor."""
        return {
            "@context": CONTEXT,
            "type": "Application",
            "id": self.actor,
            "url": self.actor,
            "preferredUsername": NAME,
            "name": SiteLook.name_or(settings.site_name),
            "summary": "Listens for changes, in order to ask for them. It publishes nothing.",
            "inbox": self.origin + self.inbox_path,
            "outbox": self.collection("outbox"),
            "followers": self.collection("followers"),
            "following": self.collection("following"),
            "endpoints": {"sharedInbox": self.origin + self.inbox_path},
            "publicKey": {"id": self.key_id, "owner": self.actor, "publicKeyPem": public_key},
        }

    def empty_collection(self, name: str) -> Json:
        """Return the document of a collection: what we follow is nobody's business."""
        return {"@context": PUBLIC, "id": self.collection(name), "type": "OrderedCollection", "totalItems": 0}

    def is_meant_by(self, resource: str) -> bool:
        """Tell whether WebFinger is asked for us, by our name or by our address."""
        return resource in {f"acct:{NAME}@{self.host}", self.actor}

    def webfinger(self) -> Json:
        """Return what WebFinger tells of us."""
        links = [{"rel": "self", "type": "application/activity+json", "href": self.actor}]
        return {"subject": f"acct:{NAME}@{self.host}", "aliases": [self.actor], "links": links}


def our_row() -> DoorbellActor | None:
    """Return the row that keeps our keys, None before the first instance was followed."""
    return DoorbellActor.objects.filter(pk=DoorbellActor.THE_ONE).first()


def our_private_key(settings: Settings) -> Secret:
    """Return our private key, made where there is none; raises Locked where no key of the site opens it."""
    vault, row = Vault.of(settings), our_row()
    if row is None:
        row = make_keys(vault)
    try:
        return vault.open(row.private_key)
    except Locked:
        raise Locked(LOST_KEY) from None


def make_keys(vault: Vault) -> DoorbellActor:
    """Make our keys, if nobody else just has."""
    public, private = new_key_pair()
    keys = {"public_key": public, "private_key": vault.lock(private)}
    with transaction.atomic():
        row, _made = DoorbellActor.objects.get_or_create(pk=DoorbellActor.THE_ONE, defaults=keys)
    return row


def replace_keys(settings: Settings) -> None:
    """Make new keys in the place of those that we had; instances refuse them until they read our actor anew."""
    public, private = new_key_pair()
    keys = {"public_key": public, "private_key": Vault.of(settings).lock(private), "off_at": None, "gone_at": None}
    DoorbellActor.objects.update_or_create(pk=DoorbellActor.THE_ONE, defaults=keys)


def rotate_private_key(vault: Vault) -> None:
    """Encrypt our private key by the first key of the site; raises Locked where none fits."""
    if row := our_row():
        try:
            again = vault.rotate(row.private_key)
        except Locked:
            raise Locked(LOST_KEY) from None
        DoorbellActor.objects.filter(pk=row.pk, private_key=row.private_key).update(private_key=again)
