"""A study of a server, as a value of a program."""

from __future__ import annotations

from sostrades_cli.library.charts import ChartMethods
from sostrades_cli.library.files import FileMethods
from sostrades_cli.library.parameters import ParameterMethods
from sostrades_cli.library.runs import RunMethods
from sostrades_cli.library.sweeps import SweepMethods


class Study(ParameterMethods, RunMethods, SweepMethods, ChartMethods, FileMethods):
    """A study of a server; ``Client.study`` makes it, and asks nothing of the server to do so.

    Reads are repeated where that may help, which takes seconds and is logged; changes are sent once. Every method may
    raise ``AccessError`` (no key, key rejected, no right on the study), ``NotFound`` (no such study), ``Unreachable``
    (the server was not reached) and ``ServerFault`` (its answer is of no use). All are ``SostradesError``, which says
    what failed in ``message``, what is known beyond that in ``detail``, and in ``hint`` what may help, in the words of
    the command line: its ``--overwrite`` is ``overwrite=True`` here. Where only a part failed, ``result`` is what the
    call would have returned, as far as it came; else it is ``None``.
    """

    def __repr__(self) -> str:
        return f"<Study {self.number} of {self._door.host}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Study):
            return NotImplemented
        return (self.number, self._door.host) == (other.number, other._door.host)

    def __hash__(self) -> int:
        return hash((self.number, self._door.host))
