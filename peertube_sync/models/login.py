"""Logins: whom an instance knows us as, with the tokens it gave, encrypted."""

from django.db import models

from peertube_sync.models.base import NAME
from peertube_sync.models.instance import Instance


class Login(models.Model):
    """A user of an instance who has logged in here; `username` is the name of their account.

    `access_token` and `refresh_token` are encrypted (`sync/operations/vault.py`). The access token is good until
    `access_until`; the refresh token works once, until `refresh_until`. `refreshing_since`: a new pair was asked for
    and hasn't come yet. `needed`: why nobody but a person who logs in again can go on; "" while the login is good.
    """

    instance = models.ForeignKey(Instance, models.CASCADE, related_name="logins", editable=False)
    username = models.CharField(max_length=NAME, editable=False)
    access_token = models.TextField(editable=False)
    refresh_token = models.TextField(editable=False)
    access_until = models.DateTimeField(editable=False)
    refresh_until = models.DateTimeField(editable=False)
    refreshing_since = models.DateTimeField(null=True, blank=True, editable=False)
    needed = models.TextField(blank=True, editable=False)
    logged_in_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ("instance", "username")
        constraints = (models.UniqueConstraint(fields=["instance", "username"], name="login_once"),)

    def __str__(self) -> str:
        return f"{self.username}@{self.instance.host}"

    @property
    def state(self) -> str:
        """How it stands, in words: "logged in", or "login needed: " and why."""
        return f"login needed: {self.needed}" if self.needed else "logged in"
