"""Steps of a client's work: each asserts what the server answered, and is reported as one line of JSON.

A step is a function of the world, registered by `@step("name")`. The wrapper in TypeScript reads the names from these sources,
so a step that did not run is missed. `since` is the client's major version that a step needs, `only="fairlead"` marks what
MLflow's own server cannot do; every other step passes against both servers, which is how the steps themselves are checked.
"""

import contextlib
import json
import math
import time
import traceback
from types import SimpleNamespace

_steps = []


def step(name, since=2, only=None):
    def register(function):
        _steps.append(SimpleNamespace(name=name, since=since, only=only, function=function))
        return function

    return register


def run_steps(world, out):
    failures = 0
    for number, each in enumerate(_steps, 1):
        line = {"number": number, "name": each.name, "ok": True}
        if each.since > world.major:
            line["left_out"] = f"needs a client of {each.since}.x"
        elif each.only and each.only != world.server:
            line["left_out"] = f"only {each.only} does this"
        else:
            started = time.perf_counter()
            try:
                each.function(world)
            except Exception as error:  # noqa: BLE001 - a step's failure is its result
                line["ok"] = False
                line["error"] = f"{type(error).__name__}: {error}"[:2000]
                line["where"] = "".join(traceback.format_tb(error.__traceback__)[-3:])
                failures += 1
            line["ms"] = round((time.perf_counter() - started) * 1000)
        out.write(json.dumps(line) + "\n")
        out.flush()
    return failures


@contextlib.contextmanager
def refused(code, message=""):
    """The block must end in an MlflowException of exactly this error code."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        assert error.error_code == code, f"error code {error.error_code} instead of {code}: {error}"
        assert message in str(error), f"{message!r} is not in {error}"
    else:
        raise AssertionError(f"nothing was refused, {code} was expected")


def same(got, wanted):
    assert got == wanted, f"got {got!r}, wanted {wanted!r}"


def infinite(value, sign):
    """Infinity as it was written; MLflow's SQL store keeps the greatest double instead."""
    return math.copysign(1, value) == sign and (math.isinf(value) or abs(value) > 1.79e308)


def pages(fetch, at_most=100):
    """Every item of a paged answer, and the pages' sizes. `fetch(token)` gives a PagedList."""
    items, sizes, token = [], [], None
    while len(sizes) < at_most:
        page = fetch(token)
        items.extend(page)
        sizes.append(len(page))
        token = page.token
        if not token:
            return items, sizes
    raise AssertionError(f"no end after {at_most} pages")
