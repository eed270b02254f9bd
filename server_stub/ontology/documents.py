"""The documentation of models and processes, as Markdown."""

import base64
import random
import re
import struct
import zlib
from functools import cache
from importlib.resources import files

_FOLDER = files("server_stub.ontology").joinpath("documents")
_REFERENCE = re.compile(r"!\[[^\]]*\]\[([^\]]+)\]")
_SMALL_SIDE = 12


@cache
def document(identifier: str) -> str:
    """Return a documentation that is written by hand; "" if there is none."""
    path = _FOLDER.joinpath(f"{identifier}.md")
    known = re.fullmatch(r"[\w. ]+", identifier) is not None and path.is_file()
    return with_pictures(path.read_text(encoding="utf-8")) if known else ""


def with_pictures(text: str, side: int = _SMALL_SIDE) -> str:
    """Add a line of data for every picture that the text refers to, as the ontology does."""
    names = dict.fromkeys(_REFERENCE.findall(text))
    lines = [f"[{name}]:data:image/png;base64,{base64.b64encode(picture(name, side)).decode()}" for name in names]
    return "\n\n".join([text.rstrip("\n"), *lines]) + "\n" if lines else text


def picture(name: str, side: int) -> bytes:
    """Draw a square of random colours, always the same. Such a picture cannot be compressed."""
    colours = random.Random(name)  # noqa: S311 - not for security
    rows = b"".join(b"\0" + colours.randbytes(3 * side) for _ in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
