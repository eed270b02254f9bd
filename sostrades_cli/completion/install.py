"""Putting the script of a shell where the shell finds it, and taking it away again."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.completion.shell_scripts import NAMES, SCRIPTS
from sostrades_cli.errors import UsageError
from sostrades_cli.files.atomic import atomic, beforehand

if TYPE_CHECKING:
    from collections.abc import Mapping

_BEGIN: Final = "# >>> completion of sostrades >>>"
_END: Final = "# <<< completion of sostrades <<<"
_BLOCK: Final = re.compile(rf"\n?{re.escape(_BEGIN)}\n.*?{re.escape(_END)}\n", re.DOTALL)


class InstalledFile(NamedTuple):
    """A file that completion needs: what it is, where, and its state: current, outdated, absent."""

    what: str
    path: Path
    state: str


class Shell:
    """The files of one shell. ``startup`` is the file that it reads at its start, ``None`` where it needs no line."""

    def __init__(self, name: str, environ: Mapping[str, str]) -> None:
        home = Path(environ.get("HOME") or Path.home())
        data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
        config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
        self.name = name
        self.script = {
            "bash": data / "bash-completion" / "completions" / "sostrades",
            "zsh": data / "sostrades" / NAMES["zsh"],
            "fish": config / "fish" / "completions" / NAMES["fish"],
        }[name]
        startups = {"bash": home / ".bashrc", "zsh": Path(environ.get("ZDOTDIR") or home) / ".zshrc"}
        self.startup = startups.get(name)

    def parts(self) -> list[InstalledFile]:
        """Return the state of each file."""
        written = _read(self.script)
        state = "absent" if written is None else "current" if written == SCRIPTS[self.name] else "outdated"
        found = [InstalledFile("script", self.script, state)]
        if self.startup is not None:
            block = _BLOCK.search(_read(self.startup) or "")
            state = "absent" if block is None else "current" if self._block in block.group() else "outdated"
            found.append(InstalledFile("line in startup file", self.startup, state))
        return found

    def install(self) -> None:
        """Write the script, and the line that sources it; all else in the startup file stays.

        Raises
        ------
        UsageError
            A file cannot be read or written.

        """
        _write(self.script, SCRIPTS[self.name])
        if self.startup is not None:
            kept = _BLOCK.sub("", _read(self.startup) or "")
            gap = "\n" if kept and not kept.endswith("\n") else ""
            _write(self.startup, f"{kept}{gap}{chr(10) if kept else ''}{self._block}")

    def uninstall(self) -> None:
        """Remove the script and the line.

        Raises
        ------
        UsageError
            A file cannot be read or written.

        """
        try:
            self.script.unlink(missing_ok=True)
        except OSError as error:
            raise UsageError(f"cannot remove {self.script}: {error.strerror}") from error
        written = _read(self.startup) if self.startup is not None else None
        if self.startup is not None and written is not None and _BLOCK.search(written):
            _write(self.startup, _BLOCK.sub("", written))

    @property
    def _block(self) -> str:
        file = shlex.quote(str(self.script))
        return f"{_BEGIN}\n[ -f {file} ] && . {file}\n{_END}\n"


def _read(path: Path) -> str | None:
    """Return a file's text, byte for byte, or ``None`` where there is none."""
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint="look at its permissions") from error


def _write(path: Path, text: str) -> None:
    """Replace a file at once; one that is a link stays one, and permissions stay."""
    target = path.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", hint="look at its permissions") from error
    with beforehand(), atomic(target, private=True) as file:
        file.write(text.encode("utf-8", "surrogateescape"))
    target.chmod(mode)
