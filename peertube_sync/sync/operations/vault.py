"""Where tokens are kept: encrypted by keys from the settings, of which the first one locks and any one opens."""

from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from peertube_sync.client.errors import Locked
from peertube_sync.client.secret import Secret
from peertube_sync.conf import Settings

NEW_KEY = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
NO_KEY = (
    'PEERTUBE_SYNC["TOKEN_KEYS"] is empty, and without a key no login can be kept. '
    f"Make one, keep it as secret as SECRET_KEY, and put it there: {NEW_KEY}"
)
OTHER_KEY = (
    'its tokens were encrypted by a key that isn\'t in PEERTUBE_SYNC["TOKEN_KEYS"] any more; put that key back behind '
    "the first one, or log in again"
)


@dataclass(frozen=True)
class Vault:
    """Encrypts tokens by the first of `keys`, and decrypts them by any."""

    keys: MultiFernet = field(repr=False)

    @classmethod
    def of(cls, settings: Settings) -> "Vault":
        """Return the vault of the site; raises Locked without a key."""
        keys = [Fernet(key) for key in settings.token_keys.split(",") if key]
        if not keys:
            raise Locked(NO_KEY)
        return cls(MultiFernet(keys))

    def lock(self, secret: Secret) -> str:
        """Return `secret` as it may be stored."""
        return self.keys.encrypt(secret.value.encode()).decode()

    def open(self, stored: str) -> Secret:
        """Return what was stored; raises Locked where no key fits."""
        try:
            return Secret(self.keys.decrypt(stored.encode()).decode())
        except InvalidToken:
            raise Locked(OTHER_KEY) from None

    def rotate(self, stored: str) -> str:
        """Return what was stored, locked by the first key; raises Locked where no key fits."""
        return self.lock(self.open(stored))
