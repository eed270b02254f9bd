"""A server for a world on the loopback interface."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import BaseServer
from typing import TYPE_CHECKING

from server_stub.world import World

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

_HOST = "127.0.0.1"


def _server(world: World, port: int) -> "BaseWSGIServer":
    """Create the server. Flask is imported here, so that ``import server_stub`` is fast."""
    from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: PLC0415 - see above

    from server_stub.app import create_app  # noqa: PLC0415 - see above

    class Quiet(WSGIRequestHandler):
        """A request handler without a log."""

        def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the name is the base's
            """Write nothing."""

        def connection_dropped(self, *_dropped: object, **_named: object) -> None:
            """Close the connection. The base class would wait for the next request on it."""
            self.close_connection = True

    return make_server(_HOST, port, create_app(world), threaded=True, request_handler=Quiet)


def _url(server: "BaseWSGIServer") -> str:
    return f"http://{_HOST}:{server.port}"


@contextmanager
def running(world: World, port: int = 0) -> Iterator[str]:
    """Serve in the background and yield the URL, until the end of the block."""
    server = _server(world, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield _url(server)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ready_line(world: World, url: str) -> str:
    """Return the line of JSON with the address and the keys of a running stub, for programs."""
    return json.dumps({"url": url, "key": world.key, "user_key": world.user_key, "studies": sorted(world.studies)})


def serve(world: World, port: int, announce: Callable[[str], None]) -> None:
    """Serve until an interrupt. ``announce`` gets one JSON line when the server is ready."""
    server = _server(world, port)
    try:
        announce(ready_line(world, _url(server)))
        # Werkzeug's method would swallow the interrupt.
        BaseServer.serve_forever(server)
    finally:
        server.server_close()
