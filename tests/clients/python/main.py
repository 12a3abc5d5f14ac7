"""python main.py ADDRESS SERVER [MODULE …]: does every step against the server at ADDRESS; SERVER is `fairlead` or `mlflow`.

With modules only their steps, in the given order; most need those of steps_experiments first.

Writes one line of JSON per step to the standard output and ends with 1 when a step failed.
"""

import os
import sys
import tempfile
from types import SimpleNamespace

# Words of the client's own: no telemetry, and a fault of the server shows at once instead of after minutes of retries.
os.environ.update(
    MLFLOW_DISABLE_TELEMETRY="true",
    MLFLOW_HTTP_REQUEST_MAX_RETRIES="1",
    MLFLOW_HTTP_REQUEST_TIMEOUT="60",
    GIT_PYTHON_REFRESH="quiet",
    MPLBACKEND="Agg",
)

MODULES = (
    "steps_experiments",
    "steps_runs",
    "steps_metrics",
    "steps_artifacts",
    "steps_inputs",
    "steps_search",
    "steps_logged_models",
    "steps_flavours",
    "steps_registry",
    "steps_model_uris",
    "steps_prompts",
    "steps_webhooks",
    "steps_command_line",
    "steps_wire",
)


def main():
    address, server = sys.argv[1:3]
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print belongs to the log
    os.environ["MLFLOW_TRACKING_URI"] = address

    import mlflow
    from framework import run_steps

    folder = tempfile.mkdtemp(prefix="fairlead-client-")
    os.chdir(folder)
    world = SimpleNamespace(
        address=address,
        server=server,
        folder=folder,
        client=mlflow.MlflowClient(),
        major=int(mlflow.__version__.split(".")[0]),
    )
    for module in sys.argv[3:] or MODULES:
        __import__(module)
    return run_steps(world, out)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
