"""The solver settings that the engine adds to every coupling and discipline."""

from server_stub.model import Parameter
from server_stub.values import Value

_MDA = ("MDAJacobi", "MDAGaussSeidel", "MDANewtonRaphson", "MDAQuasiNewton", "MDAGSNewton", "MDASequential")
_LINEARIZATION = (
    "direct",
    "reverse",
    "adjoint",
    "auto",
    "complex_step",
    "finite_differences",
    "centered_differences",
    "hybrid_complex_step",
    "hybrid_finite_differences",
    "hybrid_centered_differences",
)
_LINEAR_SOLVER = {"max_iter": 1000, "tol": 1e-08}
_COUPLING: tuple[tuple[str, str, str | None, Value], ...] = (
    ("max_mda_iter", "int", "-", 30),
    ("n_processes", "int", "-", 1),
    ("use_threading", "bool", "-", True),
    ("mdachain_parallelize_tasks", "bool", "-", False),
    ("chain_linearize", "bool", None, False),
    ("tolerance", "float", "-", 1e-06),
    ("use_lu_fact", "bool", None, False),
    ("warm_start", "bool", None, False),
    ("acceleration_method", "string", None, "Alternate2Delta"),
    ("scaling_method", "string", None, "n_coupling_variables"),
    ("max_mda_iter_gs", "int", "-", 30),
    ("tolerance_gs", "float", "-", 10.0),
    ("over_relaxation_factor", "float", "-", 0.99),
    ("epsilon0", "float", "-", 1e-06),
    ("linear_solver_MDO", "string", None, "GMRES"),
    ("linear_solver_MDO_preconditioner", "string", None, "None"),
    ("linear_solver_MDO_options", "dict", "-", _LINEAR_SOLVER),
    ("linear_solver_MDA", "string", None, "GMRES"),
    ("linear_solver_MDA_preconditioner", "string", None, "None"),
    ("linear_solver_MDA_options", "dict", "-", _LINEAR_SOLVER),
    ("group_mda_disciplines", "bool", None, False),
    ("propagate_cache_to_children", "bool", None, False),
)
RESIDUALS = "residuals_history"


def discipline_settings(node: str) -> tuple[Parameter, ...]:
    """Return the six settings of every discipline, including the root."""
    at = f"{node}." if node else ""
    return (
        Parameter(
            f"{at}linearization_mode",
            "string",
            "auto",
            None,
            numerical=True,
            possible_values=_LINEARIZATION,
        ),
        Parameter(f"{at}cache_type", "string", "", None, numerical=True),
        Parameter(f"{at}cache_file_path", "string", "", None, numerical=True, optional=True),
        Parameter(f"{at}debug_mode", "string", "", None, numerical=True),
        Parameter(f"{at}residual_variables", "dict", {}, None, numerical=True),
        Parameter(f"{at}run_solves_residuals", "bool", default=False, unit=None, numerical=True),
    )


def coupling_settings(node: str = "", *, listed: bool = True) -> tuple[Parameter, ...]:
    """Return the settings of a coupling: 23 of its own, six of a discipline, and the residuals of the last run."""
    at = f"{node}." if node else ""
    solver = tuple(Parameter(f"{at}{name}", kind, value, unit, numerical=True) for name, kind, unit, value in _COUPLING)
    return (
        Parameter(f"{at}inner_mda_name", "string", "MDAJacobi", None, numerical=True, possible_values=_MDA),
        *solver,
        *discipline_settings(node),
        Parameter(
            f"{at}{RESIDUALS}", "dataframe", None, "-", io_type="out", numerical=True, user_level=3, listed=listed
        ),
    )
