"""Who can log in to a sandbox, and what becomes of their tokens."""

from __future__ import annotations

from dataclasses import replace

from peertube_sync.testing.records import User
from peertube_sync.testing.store import Store


class Users(Store):
    def add_user(self, account: str, password: str = "sesame", otp: str = "") -> None:  # noqa: S107 - a sandbox's word
        """Let the owner of a local account log in, by its name. Raises KeyError for a name that does not exist."""
        with self.lock:
            self.users[account.lower()] = User(self.accounts[account.lower(), ""], password, otp)

    def expire_access(self) -> None:
        """End the time of all access tokens; refresh tokens stay good."""
        with self.lock:
            self.grants = {key: replace(grant, access_ends=0.0) for key, grant in self.grants.items()}

    def revoke_all(self) -> None:
        """Forget all tokens, as an upgrade to 8.1.8 did."""
        with self.lock:
            self.grants.clear()
