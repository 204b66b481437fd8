"""Telling people of what they have to look at: a signal and, with ALARM_MAILS, a mail, once a day at most per cause."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from django.conf import settings as site
from django.core.mail import mail_admins
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peertube_sync.beat import LOOK_SECONDS
from peertube_sync.conf import Settings
from peertube_sync.models import Alarm, Cause
from peertube_sync.signals import alarm_raised
from peertube_sync.sync.operations.problems import Problem, mark_search_queue, problems

logger = logging.getLogger("peertube_sync.sync")

DAY = timedelta(days=1)
LINES = 50
"""Problems that a mail tells of; of more it tells the number."""


@dataclass
class Lookout:
    """Looks every LOOK_SECONDS, whenever it is called; the first time when these are over, so that work may begin."""

    settings: Settings
    due: float = field(default_factory=lambda: time.monotonic() + LOOK_SECONDS)

    def __call__(self) -> None:
        if time.monotonic() >= self.due:
            self.due = time.monotonic() + LOOK_SECONDS
            raise_alarms(self.settings)


def raise_alarms(settings: Settings) -> None:
    """Look for problems, and tell of those whose cause nobody was told of for a day, in the site's language."""
    with translation.override(site.LANGUAGE_CODE):
        mark_search_queue()
        for cause, of_cause in groupby(problems(settings), lambda problem: problem.cause):
            _raise_alarm(cause, list(of_cause), mails=settings.alarm_mails)


def _raise_alarm(cause: Cause, reported: Sequence[Problem], *, mails: bool) -> None:
    now = timezone.now()
    if _is_first(cause, "raised_at", now):
        alarm_raised.send_robust(sender=Alarm, cause=cause, problems=reported)
    if mails and _is_first(cause, "mailed_at", now):
        lines = [problem.message for problem in reported[:LINES]]
        if more := len(reported[LINES:]):
            lines.append(ngettext("and %(number)d more", "and %(number)d more", more) % {"number": more})
        lines += ["", _("All of them: %(command)s") % {"command": "manage.py peertube_status --problems"}]
        try:
            mail_admins(capfirst(str(cause.label)), "\n".join(lines))
        except Exception as error:  # whatever the site's way of mailing raises
            # The words of a mail server may quote the login it was given.
            logger.error("no mail could be sent (%s); it is tried again at the next look", type(error).__name__)
            Alarm.objects.filter(cause=cause, mailed_at=now).update(mailed_at=None)


def _is_first(cause: Cause, column: str, now: datetime) -> bool:
    """Return whether this process is the one to tell, and note that it does: one UPDATE decides between several."""
    Alarm.objects.get_or_create(cause=cause)
    forgotten = Q(**{column: None}) | Q(**{f"{column}__lte": now - DAY})
    return bool(Alarm.objects.filter(forgotten, cause=cause).update(**{column: now}))
