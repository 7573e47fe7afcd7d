"""A real HTTPS server in a thread that takes events, and does as it is told with each."""

import json
import ssl
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import trustme


class Shop:
    """An endpoint at https://localhost; its authority is ``shop.pem`` in a folder.

    ``does`` holds what it does with the next requests: a status, ``cut`` for none, or something
    that is called before it answers 200. All that came is kept, also where nobody hears an answer.
    """

    def __init__(self, folder: Path, *does: int | str | Callable[[], object]) -> None:
        self.does, self.came = list(does), list[tuple[dict[str, str], bytes]]()
        authority = trustme.CA()
        self.ca_file = folder / "shop.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.url = f"https://localhost:{self._server.server_address[1]}/hook"

    def __enter__(self) -> "Shop":
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def events(self) -> list[tuple[str, int]]:
        """Return type and number of what came, as it came."""
        said = [json.loads(body) for _, body in self.came]
        return [(each["type"], each["sequence"]) for each in said]

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.came]

    def _handler(shop) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                shop.came.append((dict(self.headers.items()), body))
                act: Any = shop.does.pop(0) if shop.does else 200
                if callable(act):
                    act()
                    act = 200
                if act == "cut":
                    self.connection.close()
                    return
                self.send_response(act)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler
