"""The one tree of everything that can go wrong between us and a PeerTube server.

::

    PeerTubeError
    ├── InvalidTarget        what was asked for can't name anything on a PeerTube server
    ├── ForbiddenHost        a private address or plain http, refused before a byte is sent
    ├── BudgetClosed         our own rate budget allows no request before `until`     (transient)
    │   ├── BudgetLost       nobody can tell: what keeps the budget doesn't answer    (transient)
    │   └── AskedJustNow     a visitor has just caused the same request                (transient)
    ├── Unreachable          no answer: DNS, TLS, refused, timeout, connection lost   (transient)
    ├── Moved                a redirect; reported, never followed
    │   └── CallsItself      no redirect, but the server goes by another host
    ├── NotPeerTube          an answer, but of another software
    ├── MalformedAnswer      HTML, truncated, too long: it proves nothing             (transient)
    │   ├── BotCheck         an anti-bot page, whatever its status: it proves nothing
    │   ├── InconsistentList pages of one list that contradict each other
    │   └── UnexpectedShape  JSON, but not of the shape that was asked for
    ├── LoginRefused         no tokens for that name and password, or for that refresh token
    │   └── TwoFactorNeeded  nor without a one-time password
    ├── LoginNeeded          nobody but a person who logs in can go on
    ├── Locked               stored tokens can't be read: there is no key, or not the right one
    ├── TokenRefused         the token that we asked with isn't good any more
    └── AnswerError          PeerTube (or a proxy before it) answered with an error status
        ├── RateLimited      429                                                      (transient)
        ├── ServerError      5xx                                                      (transient)
        └── Refused          400, 401, 403, 404, …; `own` tells PeerTube's words from a proxy's
            └── Disallowed   its robots.txt asks us to stay away: the request was not sent

`transient` says whether the same question may succeed later with nothing changed by us; `state` is
what an instance row shows after it.
"""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from peertube_sync.client.sanitise import one_line

LOOK_AGAIN = 10.0
"""Seconds after which to try again where the store of the rate budget didn't answer."""


class PeerTubeError(Exception):
    """Base of every error that the client raises; its text is fit for an administrator's eyes, and for any database.

    Servers' own words are in it, so it is one line without what can't be seen.
    """

    transient: ClassVar[bool] = False
    state: str = "error"

    def __init__(self, message: str = "") -> None:
        super().__init__(one_line(message))


def with_name(name: str, text: str) -> str:
    """Return `text` with the name of what it is about before it, unless it names that itself."""
    return text if name in text else f"{name}: {text}"


class InvalidTarget(PeerTubeError, ValueError):
    """A host, handle or URL that can't be one of PeerTube's."""


class ForbiddenHost(PeerTubeError):
    """A host on loopback or a private network, or plain http, without permission."""

    state = "forbidden"


class BudgetClosed(PeerTubeError):
    """No request may be sent before `until` (seconds since the epoch)."""

    transient = True
    state = "waiting"
    reason = "its rate limit is used up, or others are asking it"

    def __init__(self, host: str, until: float) -> None:
        """Say which `host` may not be asked, and until when."""
        moment = datetime.fromtimestamp(until, UTC)
        super().__init__(f"{host} may not be asked again yet, not before {moment:%Y-%m-%d %H:%M:%S} UTC: {self.reason}")
        self.until = until


class BudgetLost(BudgetClosed):
    """The store of the rate budget doesn't answer, so nobody may ask; `until` is when to look again."""

    state = "budget_lost"

    def __init__(self, host: str, reason: str) -> None:
        """Say which `host` isn't asked, and why."""
        super().__init__(host, time.time() + LOOK_AGAIN)
        self.args = (f"{host} is not asked: what keeps the rate budget does not answer ({reason})",)


class AskedJustNow(BudgetClosed):
    """The same request was sent a moment ago, because a visitor wanted it; its answer may be here by now."""

    reason = "the same was asked for just now"


class Unreachable(PeerTubeError):
    """No answer came; `reason` is one of dns, tls, refused, timeout, lost."""

    transient = True
    states: ClassVar[Mapping[str, str]] = {
        "dns": "dns",
        "tls": "tls",
        "refused": "connection_refused",
        "timeout": "timeout",
        "lost": "unreachable",
    }

    def __init__(self, message: str, reason: str) -> None:
        """Keep the `reason` beside the message."""
        super().__init__(message)
        self.reason = reason
        self.state = self.states[reason]


class Moved(PeerTubeError):
    """The server redirects to `location`, which nobody but a person follows."""

    state = "moved"

    def __init__(self, message: str, location: str) -> None:
        """Keep where the server points to."""
        super().__init__(message)
        self.location = location


class CallsItself(Moved):
    """The server answers, and gives the host of `location` as its own."""


class NotPeerTube(PeerTubeError):
    """The server runs another software, or hides which."""

    state = "not_peertube"


class MalformedAnswer(PeerTubeError):
    """A 200 that isn't the JSON that was asked for: it proves nothing."""

    transient = True
    state = "malformed"


class BotCheck(MalformedAnswer):
    """An anti-bot page instead of the JSON that was asked for."""

    transient = False
    state = "bot_check"


class InconsistentList(MalformedAnswer):
    """Pages of one list that contradict each other, or never end: what was concluded on the way is in doubt."""

    transient = False


class UnexpectedShape(MalformedAnswer):
    """Well-formed JSON of another shape: a fault of this one answer, not of the server."""

    transient = False


class LoginRefused(PeerTubeError):
    """The instance gives no tokens; says why, in our own words."""


class TwoFactorNeeded(LoginRefused):
    """The instance asks for a one-time password too."""


class LoginNeeded(PeerTubeError):
    """A person has to log in before this can go on."""


class Locked(PeerTubeError):
    """Stored tokens can't be read or written: there is no key, or not the right one."""


class TokenRefused(PeerTubeError):
    """401 to a question with a token: it ended, or was revoked."""


class AnswerError(PeerTubeError):
    """An error status.

    `code` and `invalid_params` are RFC 7807 members as PeerTube sends them (3.3 on); `own` is true when
    the body is PeerTube's own JSON error, false for what a proxy or an anti-bot page says.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str = "",
        own: bool = False,
        invalid_params: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Keep the parts of the answer that decisions are made from."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.own = own
        self.invalid_params = dict(invalid_params or {})
        self.retry_after = retry_after


class RateLimited(AnswerError):
    """429: a failure of ours; `retry_after` is in seconds."""

    transient = True
    state = "rate_limited"


class ServerError(AnswerError):
    """5xx: trouble of the server, or of a proxy before it, that may pass."""

    transient = True
    state = "server_error"


class Refused(AnswerError):
    """Any other 4xx; `gone` tells whether it is PeerTube that refuses."""

    state = "refused"

    @property
    def gone(self) -> bool:
        """Whether PeerTube itself says that the object isn't public (any more).

        404 and 410: deleted; 401 and 403 with PeerTube's own body: private, internal, blocked or behind
        a password (observed on 6.3.0). An anti-bot page has no such body and proves nothing.
        """
        return self.own and self.status in {401, 403, 404, 410}


class Disallowed(Refused):
    """The host's robots.txt asks us to stay away from `path`; as good as a refusal by whatever guards it."""

    state = "disallowed"

    def __init__(self, host: str, path: str) -> None:
        super().__init__(f"the robots.txt of {host} asks us to stay away from {path}", status=403)
