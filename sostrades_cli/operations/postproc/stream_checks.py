"""Check streams while they pass: an answer must have the format that its route promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.api.http.json_stream_guard import PARSER_ERRORS, guarded
from sostrades_cli.api.protocol import unusable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

HEAD: Final = 64 * 1024


def one_json_object(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass chunks on, and check that together they are exactly one JSON object.

    Raises
    ------
    UnusableAnswer
        The chunks are not one JSON object. If the stream does not begin with an object, no chunk is passed on.

    """
    import ijson

    events: list[tuple[str, Any]] = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events)
    begun = False
    try:
        for chunk in guarded(chunks):
            parser.send(chunk)
            if events and not begun:
                begun = True
                if events[0][0] != "start_map":
                    raise unusable("JSON that is not an object")
            # Drop the events, otherwise they grow to the size of the answer.
            del events[:]
            yield chunk
        parser.close()
    except (ijson.JSONError, *PARSER_ERRORS) as error:
        raise unusable("an answer that is not JSON") from error
    if not begun:
        raise unusable("an empty answer")


def study_page(chunks: Iterable[bytes], headers: Mapping[str, str], study: int) -> Iterator[bytes]:
    """Pass chunks of the server's page on, and check that it is complete and belongs to the study.

    Raises
    ------
    UnusableAnswer
        The page is another one, such as a login page, or it is incomplete.

    """
    head, tail = b"", b""
    checked = False
    buffered: list[bytes] = []
    for chunk in chunks:
        tail = (tail + chunk)[-64:]
        if checked:
            yield chunk
            continue
        head += chunk
        buffered.append(chunk)
        if len(head) >= HEAD or b"</h1>" in head:
            _check_head(head, headers, study)
            checked = True
            yield from buffered
    if not checked:
        _check_head(head, headers, study)
        yield from buffered
    # A connection may close early without an error.
    if b"</html>" not in tail.lower():
        raise unusable("an incomplete page")


def _check_head(head: bytes, headers: Mapping[str, str], study: int) -> None:
    kind = headers.get("content-type", "").split(";")[0]
    title = head.partition(b"<h1")[2].partition(b"</h1>")[0]
    # Proxies answer with their own login pages and status 200.
    if kind != "text/html" or str(study).encode() not in title:
        raise unusable(f"{kind or 'a page without content type'} instead of the charts page of study {study}")
