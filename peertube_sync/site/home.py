"""The sections of the front page: what each shows, how its rows are filled, and where it leads on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from peertube_sync.catalogue import home_sections
from peertube_sync.faces.pages import page
from peertube_sync.models import SectionKind
from peertube_sync.models.site_look import MOST_SECTIONS, MOST_VIDEOS
from peertube_sync.site.addresses import with_query
from peertube_sync.site.look import Section
from peertube_sync.site.presenters import present_videos
from peertube_sync.site.source_presenters import ActorPresenter, InstancePresenter

HEADINGS = {
    SectionKind.FEATURED: gettext_lazy("Featured"),
    SectionKind.LIVE: gettext_lazy("Live now"),
    SectionKind.LATEST: gettext_lazy("Latest"),
    SectionKind.MOST_WATCHED: gettext_lazy("Most watched"),
    SectionKind.CHANNELS: gettext_lazy("Channels"),
    SectionKind.INSTANCES: gettext_lazy("Instances"),
}
"""What sections are called that have no subject, where their owner gives no heading."""
NEVER_TWICE = frozenset({SectionKind.LIVE, SectionKind.LATEST, SectionKind.MOST_WATCHED})
"""Sections of all videos, which leave out what the sections above show; one with a subject shows what that has."""
IN_HERO = 6
"""How many featured videos stand around the first one; more stand below."""
WIDE, MIDDLE = (4, 3), (3, 2)
"""How many videos may stand beside each other on wide screens, and on those between; the best first."""


@dataclass(frozen=True)
class ShownSection:
    """A section and what it shows: videos, the first featured ones in the `hero`, or `faces`; `more` leads on."""

    kind: str
    heading: str
    more: str
    all_of_it: str
    items: list[Any]
    hero: list[Any]
    faces: list[ActorPresenter | InstancePresenter]

    @property
    def wide(self) -> int:
        """Return how many videos stand beside each other on a wide screen."""
        return columns(len(self.items), WIDE)

    @property
    def middle(self) -> int:
        """Return how many videos stand beside each other on a screen that is neither wide nor a phone's."""
        return columns(len(self.items), MIDDLE)


def columns(number: int, choices: tuple[int, ...]) -> int:
    """Return the one of `choices` that leaves the fewest of `number` over; all in one row where there are fewer."""
    return number if number < choices[0] else min(choices, key=lambda choice: number % choice)


def shown_sections(sections: Iterable[Section]) -> list[ShownSection]:
    """Return the sections that have anything to show, each video once where all are shown anyway."""
    shown: set[int] = set()
    presented = []
    for section in [*sections][:MOST_SECTIONS]:
        if section.kind not in SectionKind.values:
            continue
        number = max(1, min(section.number, MOST_VIDEOS))
        presented.append(
            FACES[section.kind](section, number)
            if section.kind in FACES
            else _section_of_videos(section, number, shown)
        )
    return [section for section in presented if section.items or section.hero or section.faces]


def _section_of_videos(section: Section, number: int, shown: set[int]) -> ShownSection:
    """Return a section of videos, and add them to those that are `shown`."""
    kind, subject = section.kind, section.subject
    rows = home_sections.videos_of(kind, subject, number, shown if kind in NEVER_TWICE else ())
    shown |= {row.pk for row in rows}
    usual = HEADINGS.get(SectionKind(kind)) or home_sections.heading_of(kind, subject, rows)
    heading, cards = section.heading or str(usual), present_videos(rows)
    hero = cards[:IN_HERO] if kind == SectionKind.FEATURED else []
    more, all_of_it = _way_on(section, heading)
    return ShownSection(kind, heading, more, all_of_it, cards[len(hero) :], hero, [])


def _way_on(section: Section, name: str) -> tuple[str, str]:
    """Return the page that has more of a section, and what the link is called; "" where it would have nothing more."""
    kind, subject = section.kind, section.subject
    if kind == SectionKind.LATEST:
        return page("videos"), _("All videos")
    if kind == SectionKind.MOST_WATCHED:
        return with_query(page("videos"), ordering=home_sections.MOST_WATCHED), _("All videos")
    if kind == SectionKind.CHANNEL:
        return page("channel", subject), _("More of %(name)s") % {"name": name}
    if kind == SectionKind.PLAYLIST:
        return page("playlist", subject), _("More of %(name)s") % {"name": name}
    if kind in home_sections.FILTERED_BY:
        return with_query(page("videos"), **{kind: subject}), _("More of %(name)s") % {"name": name}
    return "", ""


def _section_of_channels(section: Section, number: int) -> ShownSection:
    return _faces(
        section, "channels", _("All channels"), map(ActorPresenter, home_sections.channels_of_section(number))
    )


def _section_of_instances(section: Section, number: int) -> ShownSection:
    return _faces(
        section, "instances", _("All instances"), map(InstancePresenter, home_sections.instances_of_section(number))
    )


def _faces(section: Section, where: str, all_of_it: str, faces: Iterable[Any]) -> ShownSection:
    heading = section.heading or str(HEADINGS[SectionKind(section.kind)])
    return ShownSection(section.kind, heading, page(where), all_of_it, [], [], [*faces])


FACES: dict[str, Callable[[Section, int], ShownSection]] = {
    SectionKind.CHANNELS: _section_of_channels,
    SectionKind.INSTANCES: _section_of_instances,
}
"""What makes sections of faces, by their kind."""
