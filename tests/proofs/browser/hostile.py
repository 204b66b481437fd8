"""An instance whose every word is an attack."""

from peertube_sync.testing import Catalogue
from peertube_sync.testing.instance import document
from peertube_sync.testing.records import Account, Caption, Channel, Image
from peertube_sync.testing.versions import Version
from tests.support.payloads import PAYLOADS, packed

TEXT = "\n\n".join(PAYLOADS)
SOME = 80
ADDRESS = "javascript:alert(1)//"
IMAGES = (Image(120, ADDRESS, 1, 1, 120), Image(600, '/x"onerror="alert(1)', 1, 1, 600))


def hostile_catalogue() -> Catalogue:
    """Return a catalogue with a video, channel, account and playlist per text of `packed`, full of attacks.

    The first ones have all payloads between them as tags, captions and chapters.
    """
    catalogue = Catalogue()
    catalogue.name = packed()[0]
    _put_constants(catalogue)
    for number, text in enumerate(packed(), 1):
        _put(catalogue, number, text)
    _put_documents(catalogue)
    return catalogue


def _put_constants(catalogue: Catalogue) -> None:
    for table in ("categories", "licences"):
        catalogue.constants[f"videos/{table}"] = {str(number): text for number, text in enumerate(packed(), 1)}
    spoken = {f"x{number}": payload for number, payload in enumerate(PAYLOADS, 1)}
    catalogue.constants["videos/languages"] = spoken | {f"y{number}": text for number, text in enumerate(packed(), 1)}


def _put(catalogue: Catalogue, number: int, text: str) -> None:
    told = TEXT if number == 1 else text
    actor = {"display_name": text, "created": number, "updated": number, "description": told, "avatars": IMAGES}
    account = catalogue.put_account(Account(catalogue.next_id(), f"account{number}", user_id=number, **actor))
    channel = Channel(catalogue.next_id(), f"channel{number}", owner=account, support=told, banners=IMAGES, **actor)
    catalogue.put_channel(channel)
    ids = {"category": number, "licence": number, "language": f"y{number}"}
    uuid = catalogue.add_video(
        channel.name, name=text, description=told, support=told, thumbnail=ADDRESS, preview="@evil.example/x", **ids
    )
    parts = PAYLOADS[SOME * (number - 1) : SOME * number] or [text]
    catalogue.set_tags(uuid, parts)
    catalogue.set_captions(uuid, [Caption(f"x{n}", n, path=part) for n, part in enumerate(parts, 1)])
    catalogue.set_chapters(uuid, enumerate(parts))
    catalogue.add_playlist([uuid], channel.name, name=text, description=told, thumbnail=ADDRESS)


def _put_documents(catalogue: Catalogue) -> None:
    config, about = (document(catalogue, name, "", Version()) for name in ("config", "config/about"))
    config["instance"] |= {"shortDescription": TEXT, "customizations": {"javascript": "alert(1)", "css": TEXT}}
    about["instance"] = {name: TEXT if isinstance(told, str) else told for name, told in about["instance"].items()}
    about["instance"]["name"] = config["instance"]["name"]
    catalogue.documents = {"config": config, "config/about": about}
