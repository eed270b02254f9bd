"""How the server behaves: which of the known faults of API v0 it has. Nothing on it is changed.

Loading and the link are asked for; the upload by a form that holds no file, which every version refuses. Copying is
not tried, because that would make a copy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sostrades_cli.api.models import Phase
from sostrades_cli.errors import (
    AccessError,
    LinkFault,
    LoadFault,
    NotFound,
    PermissionDenied,
    SostradesError,
    StudyLoadFault,
)
from sostrades_cli.operations.doctor.check import Check, failed, not_checked, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sostrades_cli.api.client import Api

# Studies are numbered from 1 on; a server in use has one among the first that the key may see.
SEARCHED: Final = 40
SHORT_S: Final = 1


def find_study(api: Api, asked: int | None, observed: Sequence[int]) -> tuple[int | None, list[Check]]:
    """Return a study to look at: the one asked for, else the last that was seen, else the first that can be seen."""
    for study in [asked] if asked is not None else [*observed[:3], *range(1, SEARCHED + 1)]:
        try:
            status = api.calculations.status(study)
        except (NotFound, AccessError) as error:
            if asked is not None:
                return None, [failed("study", error)]
            continue
        except SostradesError as error:
            return None, [failed("study", error)]
        return study, [ok("study", f"study {study} can be seen; status {status.status or 'NO RUN'}")]
    return None, [not_checked("study", "no study is known here", "sostrades doctor STUDY looks at the server's faults")]


def look(api: Api, study: int) -> Iterator[Check]:
    """Look for each known fault."""
    load = _load(api, study)
    upload = _upload(api, study)
    link = _link(api, study)
    yield from (load, upload, link)
    yield _copy(is_5x=any(check.state == "warning" for check in (load, upload)))
    yield _behaviour(load, upload, link)


def _load(api: Api, study: int) -> Check:
    try:
        api.studies.load(study, SHORT_S)
    except StudyLoadFault as error:
        return failed("loading", error)
    except LoadFault:
        return warning(
            "loading",
            "every load answers 400 (5.0.2 to 5.3.4)",
            "inputs are taken from the last finished run instead; single values by `sostrades param get`",
        )
    except SostradesError as error:
        return failed("loading", error)
    return ok("loading", "works")


def _upload(api: Api, study: int) -> Check:
    try:
        if api.calculations.status(study).phase is Phase.ACTIVE:
            return not_checked("uploading", f"study {study} has a run going on")
        takes = api.parameters.takes_files(study)
    except PermissionDenied:
        return not_checked(
            "uploading", f"the key may not change study {study}", "sostrades doctor STUDY with one it may"
        )
    except SostradesError as error:
        return failed("uploading", error)
    if takes:
        return ok("uploading", "works")
    return warning(
        "uploading",
        "every file is answered 415 (4.2.0 to 5.3.4)",
        "tables can be loaded in the web page only; numbers, texts, lists and dicts can be set from here",
    )


def _link(api: Api, study: int) -> Check:
    try:
        api.studies.url(study)
    except LinkFault:
        return warning(
            "link of a study", "a user's key is answered 500 (up to 5.3.4)", "use a group's key for `study url`"
        )
    except SostradesError as error:
        return failed("link of a study", error)
    return ok("link of a study", "works")


def _copy(*, is_5x: bool) -> Check:
    """Say what a copy holds. It is not tried, because that would make one.

    Every 5.x gives a copy the defaults of its parameters, also one whose other faults are repaired. A server
    without these faults may be older, and of those it is not known.
    """
    advice = "`sostrades study copy` also sends the source's values, and reads them back"
    if is_5x:
        return warning("copying", "the server gives a copy default values (a fault of 5.x; not tried)", advice)
    return not_checked("copying", "not tried, as it would create a study; on 5.x, copies hold default values", advice)


def _behaviour(load: Check, upload: Check, link: Check) -> Check:
    names = {check.name for check in (load, upload, link) if check.state == "warning"}
    if "loading" in names:
        return ok("behaves as", "5.0.2 to 5.3.4")
    if names:
        return ok("behaves as", "4.2.0 to 5.0.1")
    return ok("behaves as", "documented")
