"""A socket on loopback that counts who connects."""

import socket
import threading
from contextlib import suppress


class Listener:
    """Takes connections until it is closed, and has each answered by `answer`."""

    def __init__(self) -> None:
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def answer(self, connection: socket.socket) -> None:
        raise NotImplementedError

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self.answer(connection)
