"""Verifying: every difference between a row and its source is told, and nothing else."""

from typing import Any

import pytest
from django.utils import timezone

from peertube_sync.models import Account, Channel, Curation, Playlist, PlaylistElement, Tag, Video
from peertube_sync.sync.audit.findings import DIFFERENCES_KEPT
from peertube_sync.sync.audit.instance import audit
from peertube_sync.testing import Fault
from tests.support.mirror import Mirror, any_row
from tests.support.sandboxes import MORE_THAN_A_PAGE
from tests.sync.auditing import counts, told, verify

pytestmark = pytest.mark.one_database

LIST = r"^/api/v1/videos\?"


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"name": "Another name"}, "name"),
        ({"views": 1_000_000}, "views"),
        ({"language_id": "tlh"}, "language_id"),
        ({"truncated_description": "cut"}, "truncated_description"),
        ({"delisted_at": timezone.now()}, "delisted_at"),
    ],
)
def test_a_listed_field_is_told_whatever_the_sample(mirror: Mirror, columns: dict[str, Any], field: str) -> None:
    row = any_row(3, **columns)
    result = verify(mirror, sample=0)
    assert told(result) == [("differs", "video", str(row.uuid), field)]
    assert counts(result) == (0, 0, 1)


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"description": "another text"}, "description"),
        ({"support": "another text"}, "support"),
        ({"files": []}, "files"),
        ({"wait_transcoding": None}, "wait_transcoding"),
    ],
)
def test_a_field_of_the_details_is_told_when_they_are_asked_for(
    mirror: Mirror, columns: dict[str, Any], field: str
) -> None:
    row = any_row(3, **columns)
    assert told(verify(mirror, sample=0)) == []
    assert told(verify(mirror)) == [("differs", "video", str(row.uuid), field)]


def test_both_values_are_told(mirror: Mirror) -> None:
    row = any_row(name="Another name")
    one = verify(mirror).differences[0]
    assert str(one) == f"differs: video {row.uuid} name: held 'Another name', published {row.name!r}"
    assert one.as_dict()["held"] == "'Another name'"


def test_a_field_that_list_and_details_show_is_told_once(mirror: Mirror) -> None:
    any_row(name="Another name", views=1_000_000)
    result = verify(mirror)
    assert sorted(field for _kind, _what, _key, field in told(result)) == ["name", "views"]
    assert result.differing == 1


def test_tags(mirror: Mirror) -> None:
    row = any_row()
    row.tags.add(Tag.objects.create(name="ours alone"))
    result = verify(mirror)
    assert told(result) == [("differs", "video", str(row.uuid), "tags")]
    assert "ours alone" in str(result.differences[0])


def test_captions(mirror: Mirror) -> None:
    row = any_row()
    mirror.catalogue.set_captions(str(row.uuid), ["fr", "de"])
    assert told(verify(mirror)) == [("differs", "video", str(row.uuid), "captions")]
    mirror.everything_due()
    mirror.sync()
    row.captions.filter(language_id="fr").update(caption_path="/another.vtt")
    assert told(verify(mirror)) == [("differs", "video", str(row.uuid), "captions.fr.caption_path")]


def test_chapters(mirror: Mirror) -> None:
    row = any_row()
    mirror.catalogue.set_chapters(str(row.uuid), [(0, "Start"), (5, "End")])
    result = verify(mirror)
    assert told(result) == [("differs", "video", str(row.uuid), "chapters")]
    assert "published [(0, 'Start'), (5, 'End')]" in str(result.differences[0])


def test_a_renamed_channel_is_one_difference_however_many_videos_it_has(mirror: Mirror) -> None:
    channel = any_row().channel
    Channel.objects.filter(pk=channel.pk).update(display_name="Another name")
    result = verify(mirror)
    assert told(result) == [("differs", "channel", channel.name, "display_name")]
    assert result.differing == 1


def test_an_account_that_no_video_list_tells_of(mirror: Mirror) -> None:
    account = any_row().account
    Account.objects.filter(pk=account.pk).update(description="another text")
    assert told(verify(mirror)) == [("differs", "account", account.name, "description")]


def test_a_fact_of_a_channel_that_no_video_list_tells_of(mirror: Mirror) -> None:
    channel = any_row().channel
    Channel.objects.filter(pk=channel.pk).update(support="another text")
    assert told(verify(mirror, sample=0)) == [("differs", "channel", channel.name, "support")]


def test_a_playlist(mirror: Mirror) -> None:
    playlist = Playlist.objects.all()[0]
    Playlist.objects.filter(pk=playlist.pk).update(display_name="Another name")
    assert told(verify(mirror, sample=0)) == [("differs", "playlist", str(playlist.uuid), "display_name")]


def test_the_elements_of_a_playlist(mirror: Mirror) -> None:
    element = PlaylistElement.objects.all()[0]
    PlaylistElement.objects.filter(pk=element.pk).update(position=1000)
    assert told(verify(mirror)) == [("differs", "playlist", str(element.playlist.uuid), "elements")]


def test_a_playlist_that_was_emptied(mirror: Mirror) -> None:
    row = PlaylistElement.objects.all()[0].playlist
    mirror.catalogue.edit_playlist(str(row.uuid), videos=[])
    assert ("differs", "playlist", str(row.uuid), "elements") in told(verify(mirror))


def test_channels_and_playlists_that_one_side_lacks(mirror: Mirror) -> None:
    Channel.objects.create(instance=mirror.instance, remote_id=0, name="ghost", owner_account=Account.objects.all()[0])
    new = mirror.catalogue.add_playlist([])
    assert told(verify(mirror, sample=0)) == [("ghost", "channel", "ghost", ""), ("missing", "playlist", new, "")]


def test_a_video_moved_to_a_channel_that_has_no_row_is_told_by_name(mirror: Mirror) -> None:
    row = any_row()
    other = next(one["channel"]["name"] for one in mirror.listed() if one["channel"]["name"] != row.channel.name)
    mirror.catalogue.move_video(str(row.uuid), other)
    mirror.catalogue.rename_channel(other, "Seen in the list")
    Video.objects.exclude(pk=row.pk).filter(channel__name=other).delete()
    Channel.objects.filter(name=other).delete()
    result = verify(mirror, sample=0)
    moved = next(one for one in result.differences if one.field == "channel")
    assert (moved.key, moved.held, moved.published) == (str(row.uuid), row.channel.name, other)


def test_a_view_between_two_looks_is_a_difference(mirror: Mirror) -> None:
    uuid = str(any_row().uuid)
    mirror.catalogue.view(uuid)
    assert {field for _kind, _what, key, field in told(verify(mirror)) if key == uuid} == {"views", "updated_at"}


def test_what_was_not_fetched_yet_is_told_so(mirror: Mirror) -> None:
    row = any_row(details_fetched_at=None, captions_fetched_at=None)
    assert told(verify(mirror)) == [
        ("differs", "video", str(row.uuid), "details"),
        ("differs", "video", str(row.uuid), "captions"),
    ]


def test_curation_is_no_difference(mirror: Mirror) -> None:
    Curation.objects.create(video=any_row(), hidden=True, title="Ours")
    assert verify(mirror).total == 0


def test_an_item_that_can_not_be_read_is_told(mirror: Mirror) -> None:
    mirror.sandbox.faults.add(Fault("malformed", LIST, times=None))
    result = verify(mirror, sample=0)
    assert "unreadable" in str(result.differences[0])
    assert result.missing == 1


def test_differences_are_told_one_by_one_and_kept_up_to_a_number(long_mirror: Mirror) -> None:
    Video.objects.update(name="Another name")
    lines: list[object] = []
    result = audit(long_mirror.instance, long_mirror.settings(), sample=0, tell=lines.append)
    assert (len(lines), len(result.differences), result.differing) == (
        MORE_THAN_A_PAGE,
        DIFFERENCES_KEPT,
        MORE_THAN_A_PAGE,
    )
