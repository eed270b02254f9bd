"""Define a machine with the installed program, and a TLS server with a local authority."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

from server_stub.app import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    import trustme

    from server_stub.world import World

PROGRAM = str(Path(sys.executable).parent / "sostrades")
NAME = "sos.corp.example"


class Quiet(WSGIRequestHandler):
    """A handler that writes no log."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the name is the base's
        """Write nothing."""


@contextmanager
def serving(world: World, certificate: trustme.LeafCert) -> Iterator[int]:
    """Serve a world over TLS, and yield its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    server = make_server("127.0.0.1", 0, create_app(world), threaded=True, ssl_context=context, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Machine:
    """A machine with the program, a key in its environment, and an authority in `ca.pem`."""

    world: World
    folder: Path
    authority: trustme.CA

    def environ(self, **more: str) -> dict[str, str]:
        """Return the environment of the program."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        bundle = {"SOSTRADES_CA_BUNDLE": str(self.folder / "ca.pem")}
        return {**kept, "HOME": str(self.folder), "SOSTRADES_API_KEY": self.world.key, **bundle, **more}

    def types(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run the program. An empty variable is left out."""
        variables = {name: value for name, value in self.environ(**environ).items() if value}
        return subprocess.run(
            [PROGRAM, *arguments], env=variables, capture_output=True, text=True, timeout=60, check=False
        )
