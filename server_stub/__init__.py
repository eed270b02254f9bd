"""A stub of the SoSTrades API v0."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from server_stub.world import World

__all__ = ["create_app"]


def create_app(world: "World") -> "WSGIApplication":
    """Return the WSGI app of a world. Flask is imported on the first call."""
    from server_stub import app  # noqa: PLC0415 - `import server_stub` must not import Flask

    return app.create_app(world)
