"""Installation and removal of the completion script of a shell."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from sostrades_cli.errors import UsageError
from sostrades_cli.files.atomic import atomic, beforehand
from sostrades_cli.files.write_errors import unwritable

if TYPE_CHECKING:
    from collections.abc import Mapping

# The file names that the shells expect.
NAMES: Final = {
    "bash": "sostrades.bash",
    "fish": "sostrades.fish",
    "powershell": "sostrades.ps1",
    "zsh": "_sostrades",
}
PROFILE_VARIABLE: Final = "SOSTRADES_POWERSHELL_PROFILE"
# The folders of PowerShell 6 and later, and of Windows PowerShell 5.1.
_EDITIONS: Final = ("PowerShell", "WindowsPowerShell")
_PROFILE: Final = "Microsoft.PowerShell_profile.ps1"
_BEGIN: Final = "# >>> completion of sostrades >>>"
_END: Final = "# <<< completion of sostrades <<<"
# A startup file with this line and nothing else besides the block did not exist before.
_CREATED: Final = "# This file was created for it."
_BLOCK: Final = re.compile(rf"\n?{re.escape(_BEGIN)}\n.*?{re.escape(_END)}\n", re.DOTALL)
# The script of zsh needs `compdef`, which a startup file may not have loaded.
_LOAD_COMPDEF: Final = "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }\n"


class InstalledFile(NamedTuple):
    """A file of the completion: its role, its path, and its state: current, outdated or absent."""

    part: str
    path: Path
    state: str


class Shell:
    """The files of one shell. ``startup`` is its startup file, ``None`` if the script needs no line there."""

    def __init__(self, name: str, script: str, environ: Mapping[str, str]) -> None:
        home = _home(environ)
        data = Path(environ.get("XDG_DATA_HOME") or environ.get("LOCALAPPDATA") or home / ".local" / "share")
        config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
        self.name = name
        self.script = script
        self.path = {
            "bash": data / "bash-completion" / "completions" / "sostrades",
            "fish": config / "fish" / "completions" / NAMES["fish"],
        }.get(name, data / "sostrades" / NAMES[name])
        self.startup = {
            "bash": home / ".bashrc",
            "powershell": _powershell_profile(config, environ),
            "zsh": Path(environ.get("ZDOTDIR") or home) / ".zshrc",
        }.get(name)

    def parts(self) -> list[InstalledFile]:
        """Return the state of each file."""
        written = _read(self.path)
        state = "absent" if written is None else "current" if written == self.script else "outdated"
        parts = [InstalledFile("script", self.path, state)]
        if self.startup is not None:
            block = _BLOCK.search(_read(self.startup) or "")
            lines = _startup_lines(self.name, str(self.path))
            state = "absent" if block is None else "current" if f"\n{lines}\n" in block.group() else "outdated"
            parts.append(InstalledFile("line in startup file", self.startup, state))
        return parts

    def install(self) -> None:
        """Write the script, and the line that sources it. The rest of the startup file is kept.

        Raises
        ------
        UsageError
            A file cannot be read or written.

        """
        # The script first: a startup file must not source a missing script.
        _write(self.path, self.script)
        if self.startup is not None:
            written = _read(self.startup)
            block = self._block(created=written is None or _is_created(written))
            kept = _BLOCK.sub("", written or "")
            gap = "\n" if kept and not kept.endswith("\n") else ""
            _write(self.startup, f"{kept}{gap}{chr(10) if kept else ''}{block}")

    def uninstall(self) -> None:
        """Remove the script, and the line in the startup file; the whole file, if ``install`` created it.

        Raises
        ------
        UsageError
            A file cannot be read or written.

        """
        _remove(self.path)
        written = _read(self.startup) if self.startup is not None else None
        if self.startup is None or written is None or not _BLOCK.search(written):
            return
        kept = _BLOCK.sub("", written)
        if not kept and _is_created(written):
            _remove(self.startup)
        else:
            _write(self.startup, kept)

    def _block(self, *, created: bool) -> str:
        note = f"{_CREATED}\n" if created else ""
        return f"{_BEGIN}\n{note}{_startup_lines(self.name, str(self.path))}\n{_END}\n"


def _home(environ: Mapping[str, str]) -> Path:
    if environ.get("HOME"):
        return Path(environ["HOME"])
    try:
        return Path.home()
    except RuntimeError as error:
        raise UsageError(
            "this account has no home folder", hint="set HOME to the folder with the startup files of your shell"
        ) from error


def _is_created(startup: str) -> bool:
    """Return whether ``install`` created a startup file with this text."""
    block = _BLOCK.search(startup)
    return block is not None and _CREATED in block.group()


def _startup_lines(shell: str, script: str) -> str:
    if shell == "powershell":
        quoted = "'{}'".format(script.replace("'", "''"))
        return f"if (Test-Path -LiteralPath {quoted}) {{ . {quoted} }}"
    quoted = shlex.quote(script)
    return f"{_LOAD_COMPDEF if shell == 'zsh' else ''}[ -f {quoted} ] && . {quoted}"


def _powershell_profile(config: Path, environ: Mapping[str, str]) -> Path:
    """Return the profile of the current user, PowerShell's ``$PROFILE``."""
    if PROFILE_VARIABLE in environ:
        return Path(environ[PROFILE_VARIABLE])
    # Windows sets USERPROFILE; on other systems PowerShell uses the XDG folders.
    user = environ.get("USERPROFILE")
    if not user:
        return config / "powershell" / _PROFILE
    # Each edition puts its folder of modules first. Documents may be in another place, such as OneDrive.
    modules = Path(environ.get("PSModulePath", "").partition(";")[0])
    own = modules.name == "Modules" and modules.parent.name in _EDITIONS and modules.is_relative_to(user)
    return (modules.parent if own else Path(user) / "Documents" / _EDITIONS[0]) / _PROFILE


def _read(path: Path) -> str | None:
    """Return a file's text; ``None`` if the file does not exist."""
    try:
        # Bytes that are not UTF-8, and line ends, must survive a rewrite of the startup file.
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", hint=f"check the permissions of {path}") from error


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(
            f"cannot remove {path}: {error.strerror}", hint=f"check the permissions of {path.parent}"
        ) from error


def _write(path: Path, text: str) -> None:
    """Replace a file atomically. Its permissions are kept, and a symbolic link stays a link."""
    # Startup files are often links into a repository of dotfiles.
    target = path.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
    except OSError as error:
        raise unwritable(f"cannot write {path}: {error.strerror}", error, f"check the permissions of {path}") from error
    with beforehand(), atomic(target, private=True) as file:
        file.write(text.encode("utf-8", "surrogateescape"))
    target.chmod(mode)
