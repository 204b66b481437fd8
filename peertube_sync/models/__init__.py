"""Rows, constraints and chainable querysets; no HTTP, no settings."""

from django.db.models import Model

from peertube_sync.models.action import Action, LoggedAction, Via, decided
from peertube_sync.models.actors import Account, Channel
from peertube_sync.models.alarm import Alarm, Cause
from peertube_sync.models.answer import AnswerDue, AnswerForm, AnswerPart, Kind
from peertube_sync.models.base import PUBLIC, Reason, streamed
from peertube_sync.models.budget import HostBudget
from peertube_sync.models.candidate import Candidate, InstanceIndex
from peertube_sync.models.curation import Curation
from peertube_sync.models.doorbell import Delivery, DoorbellActor, Follow, FollowState, RemoteKey, Ring, RingKind
from peertube_sync.models.file_name import FileName
from peertube_sync.models.instance import FormerHost, Instance, InstanceState, NamedHow
from peertube_sync.models.leaving import Leaving, LeavingVideo
from peertube_sync.models.login import Login
from peertube_sync.models.lookups import Among
from peertube_sync.models.naming import name_models
from peertube_sync.models.optout import OptOut
from peertube_sync.models.picture import Picture, PictureState
from peertube_sync.models.playlist import Playlist, PlaylistElement
from peertube_sync.models.revision import Revision
from peertube_sync.models.run import RunKind, RunState, SkippedItem, SyncRun
from peertube_sync.models.search import NewestSearch, SearchDue, SearchMark, VideoSearch
from peertube_sync.models.site_look import HomeSection, SectionKind, SiteLink, SiteLook
from peertube_sync.models.source import Source, SourceKind, SourceState
from peertube_sync.models.tally import Measure, Tally
from peertube_sync.models.video import Caption, Chapter, Tag, Transcript, Video
from peertube_sync.models.vocabulary import NameKey, SearchKey, SearchWord

__all__ = [
    "PUBLIC",
    "Account",
    "Action",
    "Alarm",
    "Among",
    "AnswerDue",
    "AnswerForm",
    "AnswerPart",
    "Candidate",
    "Caption",
    "Cause",
    "Channel",
    "Chapter",
    "Curation",
    "Delivery",
    "DoorbellActor",
    "FileName",
    "Follow",
    "FollowState",
    "FormerHost",
    "HomeSection",
    "HostBudget",
    "Instance",
    "InstanceIndex",
    "InstanceState",
    "Kind",
    "Leaving",
    "LeavingVideo",
    "LoggedAction",
    "Login",
    "Measure",
    "NameKey",
    "NamedHow",
    "NewestSearch",
    "OptOut",
    "Picture",
    "PictureState",
    "Playlist",
    "PlaylistElement",
    "Reason",
    "RemoteKey",
    "Revision",
    "Ring",
    "RingKind",
    "RunKind",
    "RunState",
    "SearchDue",
    "SearchKey",
    "SearchMark",
    "SearchWord",
    "SectionKind",
    "SiteLink",
    "SiteLook",
    "SkippedItem",
    "Source",
    "SourceKind",
    "SourceState",
    "SyncRun",
    "Tag",
    "Tally",
    "Transcript",
    "Via",
    "Video",
    "VideoSearch",
    "decided",
    "streamed",
]

name_models(
    model
    for model in [*globals().values()]
    if isinstance(model, type) and issubclass(model, Model) and model is not Model
)
