"""Caption files on other hosts than the instance: read through the one guarded session, or told as not read."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from peertube_sync.models import Caption, OptOut, SkippedItem, Transcript, Video
from peertube_sync.sync.walks.storages import HOSTS
from peertube_sync.testing.records import Caption as Published
from tests.sync.storage import Storage

if TYPE_CHECKING:
    from tests.support.mirror import Mirror

CLOSED_PORT = "http://127.0.0.1:1"
METADATA = "http://169.254.169.254/latest/meta-data/"


@pytest.fixture
def make_storage() -> Iterator[Callable[[], Storage]]:
    running: list[Storage] = []

    def make() -> Storage:
        running.append(Storage())
        return running[-1]

    yield make
    for one in running:
        one.stop()


@pytest.fixture
def storage(make_storage: Callable[[], Storage]) -> Storage:
    return make_storage()


@pytest.fixture
def small(make_synced: Callable[..., "Mirror"]) -> "Mirror":
    """A mirror in which no video is due for its captions, but for those that a test publishes."""
    made = make_synced(videos=10)
    Caption.objects.all().delete()
    Video.objects.update(captions_due_at=None)
    return made


def publish(mirror: "Mirror", *addresses: str, video: int = 0) -> str:
    """Publish a caption per address ("" for one on the instance itself), and let it be read; returns the video."""
    uuid: str = mirror.listed()[video]["uuid"]
    languages = ("fr", "de", "en", "es", "it", "pt", "nl")
    published = [
        Published(lang, 1_700_000_000_000, path=path) for lang, path in zip(languages, addresses, strict=False)
    ]
    mirror.catalogue.set_captions(uuid, published)
    Video.objects.filter(uuid=uuid).update(captions_due_at="2020-01-01T00:00:00Z")
    return uuid


def finds(text: str) -> list[str]:
    return [str(one) for one in Video.objects.search(text).values_list("uuid", flat=True)]


def reasons() -> list[str]:
    return list(SkippedItem.objects.filter(kind="caption_file").order_by("pk").values_list("reason", flat=True))


def sync(mirror: "Mirror") -> None:
    assert mirror.slice(caption_search=True).error is None
    assert mirror.instance.state == "ok"


def test_a_file_in_an_object_storage_is_read_by_its_rules(small: "Mirror", storage: Storage) -> None:
    uuid = publish(small, storage.keep("/captions/fr.vtt?version=2"))
    sync(small)
    assert storage.asked == ["/robots.txt", "/captions/fr.vtt?version=2"]
    assert all(one["User-Agent"].startswith("django-peertube-sync/") for one in storage.headers)
    assert finds("zebra") == [uuid]
    assert reasons() == []
    assert Transcript.objects.get().path == f"{storage.url}/captions/fr.vtt?version=2"
    sync(small)
    publish(small, f"{storage.url}/captions/fr.vtt?version=2")
    sync(small)
    assert len(storage.asked) == 2


@pytest.mark.parametrize("version", ["7.1.0", "8.2.1"])
def test_it_is_so_in_each_version(make_mirror: Callable[..., "Mirror"], storage: Storage, version: str) -> None:
    mirror = make_mirror(version=version)
    uuid = publish(mirror, storage.keep("/fr.vtt"))
    mirror.add()
    mirror.sync(caption_search=True)
    assert uuid in finds("zebra")
    assert reasons() == []


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"status": 404}, "answered 404"),
        ({"status": 403}, "answered 403"),
        ({"status": 503, "Retry_After": "600"}, "answered 503"),
        ({"status": 429}, "answered 429"),
        ({"status": 304}, "answered 304"),
        ({"status": 302}, "without saying where to"),
        ({"status": 302, "Location": METADATA}, "no address of the public Internet"),
        ({"status": 302, "Location": "/fr.vtt"}, "where it is not followed"),
        ({"status": 302, "Location": "file:///etc/passwd"}, "where it is not followed"),
        ({"body": b"<!DOCTYPE html><title>zebra</title>"}, "no WebVTT and no SubRip"),
        ({"body": b"x" * (2 * 2**20 + 1)}, "more than"),
    ],
)
def test_what_can_not_be_read_there_is_told_and_costs_itself_alone(
    small: "Mirror", storage: Storage, answer: dict[str, object], why: str
) -> None:
    publish(small, storage.keep("/fr.vtt", **answer), "")  # type: ignore[arg-type]
    sync(small)
    (reason,) = reasons()
    assert why in reason
    assert storage.url in reason or METADATA.split("/")[2] in reason
    assert Transcript.objects.exclude(text="").get().caption.language_id == "de"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        (f"{CLOSED_PORT}/fr.vtt", "refuses connections"),
        (METADATA, "no setting allows"),
        ("https://video.example@evil.example/fr.vtt", "no address for it that can be read"),
        ("file:///etc/passwd", "no address for it that can be read"),
    ],
)
def test_an_address_that_may_not_be_asked_is_told(small: "Mirror", address: str, why: str) -> None:
    publish(small, address, "")
    sync(small)
    (reason,) = reasons()
    assert why in reason
    assert Transcript.objects.exclude(text="").count() == 1


def test_a_file_that_was_away_is_asked_for_again(small: "Mirror", storage: Storage) -> None:
    uuid = publish(small, storage.keep("/fr.vtt", status=404))
    sync(small)
    publish(small, storage.keep("/fr.vtt"))
    sync(small)
    assert (finds("zebra"), reasons()) == ([uuid], [])


@pytest.mark.parametrize(
    "rules", ["User-agent: *\nDisallow: /private/", "User-agent: django-peertube-sync\nDisallow: /"]
)
def test_the_robots_txt_of_the_storage_is_kept_to(small: "Mirror", storage: Storage, rules: str) -> None:
    storage.keep("/robots.txt", rules.encode())
    publish(small, storage.keep("/private/fr.vtt"))
    sync(small)
    assert storage.asked == ["/robots.txt"]
    (reason,) = reasons()
    assert "asks us to stay away from /private/fr.vtt" in reason


@pytest.mark.parametrize(
    "answer", [{"status": 500}, {"status": 302, "Location": "https://elsewhere.example/robots.txt"}]
)
def test_without_its_rules_it_is_not_asked(small: "Mirror", storage: Storage, answer: dict[str, object]) -> None:
    storage.keep("/robots.txt", **answer)  # type: ignore[arg-type]
    publish(small, storage.keep("/fr.vtt"))
    sync(small)
    assert set(storage.asked) == {"/robots.txt"}
    (reason,) = reasons()
    assert "its robots.txt can't be read" in reason


def test_a_host_that_has_opted_out_is_not_asked(small: "Mirror", storage: Storage) -> None:
    OptOut.objects.create(host=storage.url.removeprefix("http://"))
    publish(small, storage.keep("/fr.vtt"))
    sync(small)
    assert storage.asked == []
    (reason,) = reasons()
    assert "has opted out" in reason


def test_a_storage_that_limits_us_is_left_alone_and_its_instance_goes_on(small: "Mirror", storage: Storage) -> None:
    addresses = [storage.keep(f"/{name}.vtt", status=429, Retry_After="600") for name in ("a", "b")]
    publish(small, *addresses, "")
    other = publish(small, storage.keep("/c.vtt"), "", video=1)
    sync(small)
    assert [path for path in storage.asked if path != "/c.vtt"] == ["/robots.txt", "/a.vtt"]
    assert all("429" in reason for reason in reasons())
    assert Transcript.objects.filter(video__uuid=other).exclude(text="").exists()
    publish(small, *addresses)
    asked = len(storage.asked)
    sync(small)
    assert len(storage.asked) == asked, "it is closed for ten minutes"
    assert any("may not be asked again yet" in reason for reason in reasons())


def test_redirects_are_followed_through_the_same_door(
    small: "Mirror", storage: Storage, make_storage: Callable[[], Storage]
) -> None:
    region = make_storage()
    region.keep("/real.vtt")
    storage.keep("/fr.vtt", b"", 307, Location=f"{region.url}/real.vtt")
    uuid = publish(small, f"{storage.url}/fr.vtt")
    sync(small)
    assert region.asked == ["/robots.txt", "/real.vtt"]
    assert (finds("zebra"), reasons()) == ([uuid], [])


def test_a_storage_does_not_lead_back_to_the_instance(small: "Mirror", storage: Storage) -> None:
    storage.keep("/fr.vtt", b"", 302, Location=f"{small.sandbox.url}/api/v1/config/about")
    publish(small, f"{storage.url}/fr.vtt")
    sync(small)
    assert "/api/v1/config/about" not in small.asked()[-5:]
    (reason,) = reasons()
    assert "where it is not followed" in reason


def test_who_names_many_hosts_makes_us_ask_few(small: "Mirror", make_storage: Callable[[], Storage]) -> None:
    storages = [make_storage() for _ in range(HOSTS + 2)]
    publish(small, *(one.keep("/x.vtt") for one in storages))
    sync(small)
    assert sum(bool(one.asked) for one in storages) == HOSTS
    assert len(reasons()) == 2
    assert all(f"more than {HOSTS} other hosts" in reason for reason in reasons())


def test_turned_on_later_storages_are_caught_up_with(small: "Mirror", storage: Storage) -> None:
    uuid = publish(small, storage.keep("/fr.vtt"))
    small.sync(caption_search=False)
    assert storage.asked == []
    small.sync(caption_search=True)
    assert finds("zebra") == [uuid]


@pytest.mark.parametrize(
    "body",
    [
        b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nzebra Br\xf6tchen\n",
        b"WEBVTT\n\n1\n00:00:01,000 --> 00:00:02,000\nfresh zebra\n",
        b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nfresh zebra\n\n00:00:03.000 --> 00:00:04.000\nodd \xff byte\n",
        b"1\n00:00:01,000 --> 00:00:02,000\nfresh zebra\n",
    ],
)
def test_odd_files_are_searched_as_browsers_show_them(small: "Mirror", storage: Storage, body: bytes) -> None:
    uuid = publish(small, storage.keep("/fr.vtt", body))
    sync(small)
    assert (finds("zebra"), reasons()) == ([uuid], [])


def test_what_was_left_out_of_a_file_is_told_beside_what_was_read(small: "Mirror", storage: Storage) -> None:
    body = b"WEBVTT\n\n00:01.000 --> 00:02.000\nfresh zebra\n\n00.03 --> 00.04\nlost horse\n"
    uuid = publish(small, storage.keep("/fr.vtt", body))
    sync(small)
    assert finds("zebra") == [uuid]
    (reason,) = reasons()
    assert "'00.03 --> 00.04'" in reason
