from itertools import count
from typing import TYPE_CHECKING

import pytest
from django.test import Client

if TYPE_CHECKING:
    from tests.admin.pages import StaffClient

numbers = count(1)


@pytest.fixture
def admin_client(db: None) -> Client:
    """Log a superuser in, who has no password: hashing one takes longer than most tests."""
    from django.contrib.auth.models import User

    client = Client()
    client.force_login(User.objects.create_superuser("admin"))
    return client


@pytest.fixture
def staff(db: None) -> "StaffClient":
    """Log a member of staff in who has just these permissions, e.g. "view_video"."""
    from django.contrib.auth.models import Permission, User

    def log_in(*codenames: str) -> Client:
        user = User.objects.create_user(f"staff{next(numbers)}", is_staff=True)
        permissions = Permission.objects.filter(content_type__app_label="peertube_sync", codename__in=codenames)
        assert len(permissions) == len(codenames)
        user.user_permissions.set(permissions)
        client = Client()
        client.force_login(user)
        return client

    return log_in
