"""The world of most figures: one generated instance with details, and playlists, ready to be asked for."""

import json
from collections.abc import Sequence
from datetime import timedelta
from random import Random

from django.core.management import call_command
from django.db import connection

from peertube_sync.client.parse import parse
from peertube_sync.client.types import RemoteElement, RemotePlaylist, VideoDetails
from peertube_sync.ingest.actors import KnownActors
from peertube_sync.ingest.answers import write_answers
from peertube_sync.ingest.details import ingest_details
from peertube_sync.ingest.playlists import ingest_elements, ingest_playlists
from peertube_sync.ingest.search_documents import index_due
from peertube_sync.models import Instance, Playlist, Video
from peertube_sync.testing import Catalogue
from tests.proofs.bench.titles import Title

HOST = "sandbox.example"
VIDEOS, PLAYLISTS, ELEMENTS = 21_000, 300, 10
BATCH = 500
ROTATION = timedelta(days=7)
WHO = "the bench"


def stand(videos: int = VIDEOS) -> None:
    """Have this world in the database, unless it is there."""
    if Video.objects.count() != videos or not Playlist.objects.exists():
        mirror(videos, PLAYLISTS)


def mirror(videos: int, playlists: int = 0, titles: Sequence[Title] = ()) -> None:
    """Fill the database with the details of a generated instance, and the search with its words.

    With `titles` each video has one of these, and its language.
    """
    call_command("flush", interactive=False, verbosity=0)
    instance = Instance.objects.create(host=HOST)
    instance.sources.create()
    catalogue = Catalogue.generate(videos=videos, seed=1)
    uuids = [item["uuid"] for item in catalogue.local_videos(HOST)]
    for uuid, title in zip(uuids, titles, strict=False):
        catalogue.edit_video(uuid, name=title.text, language=title.language)
    for start in range(0, len(uuids), BATCH):
        answers = [json.dumps(catalogue.details(uuid, HOST)).encode() for uuid in uuids[start : start + BATCH]]
        ingest_details(instance, [parse(answer, VideoDetails, WHO) for answer in answers], ROTATION)
    _add_playlists(instance, catalogue, uuids, playlists)
    index_due()
    write_answers()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _add_playlists(instance: Instance, catalogue: Catalogue, uuids: list[str], number: int) -> None:
    """Make playlists of a few videos each, in channels of the instance's own."""
    random, render = Random(1), catalogue.renderer(HOST)
    channels = [one.name for one in catalogue.channels.values() if not one.origin]
    known = KnownActors()
    for n in range(number):
        members = random.sample(uuids, ELEMENTS)
        catalogue.add_playlist(members, random.choice(channels), name=f"Playlist {n}")
        made = next(reversed(catalogue.playlists.values()))
        answer = parse(json.dumps(render.playlist(made)).encode(), RemotePlaylist, WHO)
        row = Playlist.objects.get(pk=ingest_playlists(instance, [answer], known).pks[answer.uuid])
        elements = [json.dumps(render.element(one)).encode() for one in made.elements]
        ingest_elements(row, [parse(one, RemoteElement, WHO) for one in elements], ROTATION)
