"""Write the support archive: checks, settings and versions, without keys and e-mail addresses."""

from __future__ import annotations

import json
import os
import platform
import re
import zipfile
from importlib.metadata import distributions
from typing import TYPE_CHECKING, Final

from sostrades_cli.files.atomic import atomic
from sostrades_cli.files.file_formats import check_ending
from sostrades_cli.files.targets import check_target
from sostrades_cli.local.key_sources import COMMAND
from sostrades_cli.redaction import redact
from sostrades_cli.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from sostrades_cli.local.settings_sources import SettingSource
    from sostrades_cli.operations.doctor.check import Check

REMOVED: Final = "[removed]"
_E_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_KEY: Final = re.compile(r"\b[0-9a-fA-F]{32}\b")
LIBRARIES: Final = ("click", "httpx", "httpcore", "ijson", "keyring", "pandas", "plotext", "rich")
_ABOUT: Final = """\
Results of `sostrades doctor --bundle`. Keys, e-mail addresses and the name of the home folder are removed.
doctor.json: the checks. settings.json: every setting with all its sources. versions.json: program, Python, libraries.
Read the files before you send them: they may contain the address of the server and names of studies.
"""


def check(file: Path, *, overwrite: bool) -> None:
    """Reject a file that cannot be written, before the checks run."""
    check_ending(file, ["zip"], "doctor")
    check_target(file, overwrite=overwrite, named=True)


def write(file: Path, checks: Sequence[Check], settings: Iterable[SettingSource], secrets: Iterable[str]) -> None:
    """Write the archive, readable by its owner only."""
    results = [{"check": c.name, "state": c.state, "found": c.result, "advice": c.advice} for c in checks]
    sources = [{"key": s.key, "place": s.name, "value": _shown(s), "holds": s.holds} for s in settings]
    pieces = {
        "README.txt": _ABOUT,
        **{
            name: json.dumps(content, indent=1)
            for name, content in (("doctor.json", results), ("settings.json", sources), ("versions.json", _versions()))
        },
    }
    with (
        # The archive is redacted, but still has the address of the server, so only its owner may read it.
        atomic(file, private=True, named=True) as target,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name, text in pieces.items():
            archive.writestr(name, redacted(text, secrets))


def _shown(source: SettingSource) -> str | None:
    if source.key != COMMAND or source.value is None:
        return source.value
    # The arguments of the command that prints the key may be secrets.
    return f"{source.value.partition(' ')[0]} {REMOVED}"


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Return a text without API keys in any form, e-mail addresses and the user's home folder."""
    text = _KEY.sub(REMOVED, _E_MAIL.sub(REMOVED, redact(text, secrets, REMOVED)))
    # The home folder contains the name of the user. In a container it may be missing, or the root of the file system.
    home = os.path.expanduser("~")  # noqa: PTH111 - unlike Path.home, it does not fail
    return text.replace(home, "~") if home.strip(os.sep) else text


def _versions() -> Mapping[str, object]:
    installed = {
        distribution.metadata["Name"]: distribution.version
        for distribution in distributions()
        if distribution.metadata["Name"]
    }
    return {
        "sostrades": __version__,
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "libraries": {name: installed[name] for name in LIBRARIES if name in installed},
    }
