"""What the steps on served models share: a server's own API in a few calls, and steps that report themselves."""

import json
import sys
import time
import traceback
import urllib.error
import urllib.request

STEPS = []


def step(name):
    def register(function):
        STEPS.append((name, function))
        return function

    return register


def run_steps(world):
    failed = 0
    for number, (name, function) in enumerate(STEPS, 1):
        line = {"number": number, "name": name, "ok": True}
        started = time.perf_counter()
        try:
            function(world)
        except Exception as error:  # noqa: BLE001 - a step's failure is its result
            failed += 1
            where = "".join(traceback.format_tb(error.__traceback__)[-3:])
            line |= {"ok": False, "error": f"{type(error).__name__}: {error}"[:2000], "where": where}
        line["ms"] = round((time.perf_counter() - started) * 1000)
        print(json.dumps(line), flush=True)
    sys.exit(1 if failed else 0)


class Refused(Exception):
    """What the server refused, with its code."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body[:500]}")
        self.status = status
        self.error = json.loads(body)["error"]


class Server:
    def __init__(self, url):
        self.url = url

    def infer(self, model, inputs):
        return self.call("POST", f"models/{model}/infer", {"inputs": inputs}, root="v2")

    def call(self, method, path, body=None, root="api/v1"):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/{root}/{path}", data, {"content-type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Refused(error.code, error.read().decode()) from error

    def examined(self, model):
        """The newest version, once the server knows whether it can be served."""
        for _ in range(600):
            found = self.call("GET", f"model-records/{model}/versions/latest")
            if found["servable"] != "pending":
                return found
            time.sleep(0.1)
        raise AssertionError(f"{model} is still being examined")

    def serve(self, name, configuration=None):
        """An endpoint of the model of that name, with its newest version in the environment test."""
        found = self.examined(name)
        assert found["servable"] == "yes", found["notServable"]
        self.call("PUT", f"endpoints/{name}", {"model": name, "configuration": configuration or {}})
        self.call("POST", f"environments/test/endpoints/{name}/deployments", {"version": found["version"]})
        return found["packaged"]

    def predict(self, name, rows):
        return self.call("POST", f"environments/test/endpoints/{name}/predict", {"rows": rows})["predictions"]
