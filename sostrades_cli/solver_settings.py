"""The names of the solver's settings, which are hidden by default."""

from typing import Final

# Listed among the settings, but written by a run: the residuals of the last run.
RESIDUALS: Final = "residuals_history"
# A load does not mark solver settings, so they are recognised by their names on the server.
SOLVER_SETTINGS: Final = frozenset(
    [
        "linearization_mode",
        "cache_type",
        "cache_file_path",
        "debug_mode",
        "residual_variables",
        "run_solves_residuals",
        "inner_mda_name",
        "max_mda_iter",
        "n_processes",
        "use_threading",
        "mdachain_parallelize_tasks",
        "chain_linearize",
        "tolerance",
        "use_lu_fact",
        "warm_start",
        "acceleration_method",
        "scaling_method",
        "max_mda_iter_gs",
        "tolerance_gs",
        "over_relaxation_factor",
        "epsilon0",
        "linear_solver_MDO",
        "linear_solver_MDO_preconditioner",
        "linear_solver_MDO_options",
        "linear_solver_MDA",
        "linear_solver_MDA_preconditioner",
        "linear_solver_MDA_options",
        "group_mda_disciplines",
        "propagate_cache_to_children",
        RESIDUALS,
        "algo",
        "formulation",
        "max_iter",
        "differentiation_method",
        "fd_step",
        "eval_mode",
        "eval_jac",
        "execute_at_xopt",
        "maximize_objective",
        "objective_name",
        "ineq_constraints",
        "eq_constraints",
        "parallel_options",
        "desactivate_optim_out_storage",
        "sub_process_inputs",
    ]
)
