"""Errors of the API, with the texts of the real server."""

UNKNOWN_STUDY = "InvalidStudy(This study case doesn't exist.)"
NO_FILES = "No files or parameters found in request."
NO_VALUE = "expected str, bytes or os.PathLike object, not NoneType"
NO_READ_ONLY = "The study is not available in read only mode"
NO_RIGHTS = "You do not have the necessary rights to access this study case"
NO_RIGHTS_INFORMATION = "You do not have the necessary rights to retrieve this information about this study case"
ALREADY_SUBMITTED = (
    "CalculationError(CalculationError(Study already submitted.\n"
    "It must be stopped/terminated before running a new one.))"
)
INTERNAL = (
    "The server encountered an internal error and was unable to complete your request. "
    "Either the server is overloaded or there is an error in the application."
)
DATA_FOLDER = "/srv/sostrades/data/study_case"
_CONTROLLER = "/srv/sostrades/webapi/sos_trades_api/controllers/sostrades_main/study_case_controller.py"


class ApiError(Exception):
    """An answer other than success: a status, and the description in its JSON body."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.description = description


def missing_file(path: str) -> str:
    """Return the text of Python for a missing file."""
    return f"[Errno 2] No such file or directory: '{path}'"


def invalid_file(key: str, exception: Exception) -> str:
    """Return the text for a value that cannot be written as a file."""
    return f"InvalidFile(The following file {key}.csv raise this error while trying to read it : {exception})"


def study_case_error(exception: Exception, line: int) -> ApiError:
    """Wrap an exception with the traceback of the server, like the parameters route."""
    text = str(exception)
    trace = (
        "Traceback (most recent call last):\n"
        f'  File "{_CONTROLLER}", line {line}, in update_study_parameters\n'
        "    <source line>\n"
        f"{type(exception).__name__}: {text}\n"
    )
    return ApiError(400, f"StudyCaseError(the following exception occurs {text}.\n{trace})")
