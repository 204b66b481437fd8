"""Ask the site on this machine whether it and its database are well; ends with 0 if they are, else with 1.

Asks at 127.0.0.1 and the port in PORT (8000), as the proxy does: for the host in PEERTUBE_SYNC_SITE_URL, over https.
"""

import os
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit


def main() -> int:
    """Return the exit status."""
    host = urlsplit(os.environ.get("PEERTUBE_SYNC_SITE_URL", "")).netloc or "localhost"
    connection = HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=5)
    try:
        connection.request("GET", "/api/health/", headers={"Host": host, "X-Forwarded-Proto": "https"})
        status = connection.getresponse().status
    except OSError as error:
        print(f"The site doesn't answer: {error}", file=sys.stderr)  # noqa: T201 - what is read by who looks for the cause
        return 1
    if status != 200:
        print(f"The site answers {status}.", file=sys.stderr)  # noqa: T201 - same
    return int(status != 200)


if __name__ == "__main__":
    sys.exit(main())
