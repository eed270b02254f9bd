"""The study as a Python object."""

from __future__ import annotations

from sostrades_cli.library.charts import ChartMethods
from sostrades_cli.library.descriptions import DescriptionMethods
from sostrades_cli.library.files import FileMethods
from sostrades_cli.library.signatures import readable
from sostrades_cli.library.structure import StructureMethods
from sostrades_cli.library.study_card import study_card
from sostrades_cli.library.sweeps import SweepMethods
from sostrades_cli.library.trials import TrialMethods


@readable
class Study(TrialMethods, SweepMethods, ChartMethods, FileMethods, StructureMethods, DescriptionMethods):
    """A study on a server, created by ``Client.study`` without a request.

    Failed reads are retried where a retry can help, which takes seconds and is logged. Changes are sent once.
    Every method may raise ``AccessError`` (no key, key rejected, no permission for the study), ``NotFound`` (no such
    study), ``Unreachable`` (no connection) and ``ServerFault`` (unusable answer). All are ``SostradesError``:
    ``message`` says what failed, ``detail`` gives more facts, and ``hint`` suggests a remedy. After a partial failure,
    ``result`` is the incomplete return value, otherwise ``None``. IPython and Jupyter show an error without a
    traceback.

    ``study["Macro.gamma"]`` is short for ``get``, and ``study["Macro.gamma"] = 0.3`` for ``set``.
    """

    def __repr__(self) -> str:
        return f"<Study {self.number} of {self._scope.host}>"

    def _repr_html_(self) -> str:
        """Return what is stored about the study on this computer, for a notebook."""
        return study_card(self._scope.app, self._number, self._scope.links.get(self._number))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Study):
            return NotImplemented
        # Different clients of the same server give the same study.
        return (self.number, self._scope.host) == (other.number, other._scope.host)

    def __hash__(self) -> int:
        return hash((self.number, self._scope.host))
