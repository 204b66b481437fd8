"""Django's admin over the mirror: browse what is mirrored, curate it, operate the sync.

Mirrored rows can't be added, changed or deleted here: the source would only be contradicted until its next
answer. What people decide is curation, and what they operate are sources.
"""

from peertube_sync.admin.actors import AccountAdmin, ChannelAdmin
from peertube_sync.admin.candidates import CandidateAdmin
from peertube_sync.admin.curation import CurationAdmin
from peertube_sync.admin.follows import FollowAdmin
from peertube_sync.admin.instances import InstanceAdmin
from peertube_sync.admin.logged_actions import LoggedActionAdmin
from peertube_sync.admin.logins import LoginAdmin
from peertube_sync.admin.optouts import OptOutAdmin
from peertube_sync.admin.playlists import PlaylistAdmin
from peertube_sync.admin.runs import SkippedItemAdmin, SyncRunAdmin
from peertube_sync.admin.site_look import SiteLookAdmin
from peertube_sync.admin.sources import SourceAdmin
from peertube_sync.admin.video_parts import TagAdmin
from peertube_sync.admin.videos import VideoAdmin

__all__ = [
    "AccountAdmin",
    "CandidateAdmin",
    "ChannelAdmin",
    "CurationAdmin",
    "FollowAdmin",
    "InstanceAdmin",
    "LoggedActionAdmin",
    "LoginAdmin",
    "OptOutAdmin",
    "PlaylistAdmin",
    "SiteLookAdmin",
    "SkippedItemAdmin",
    "SourceAdmin",
    "SyncRunAdmin",
    "TagAdmin",
    "VideoAdmin",
]
