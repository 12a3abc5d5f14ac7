"""Optuna's time per TPE suggestion on the space of search.bench.mjs: usage search_peer.py TRIALS. Prints {suggestMs: [...]}.

In memory, one process, ask and tell; each entry is the time of one ask.
"""
import json
import math
import sys
import time

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

optuna.logging.set_verbosity(optuna.logging.ERROR)
space = {
    "c": FloatDistribution(1e-3, 1e3, log=True),
    "gamma": FloatDistribution(1e-4, 10, log=True),
    "share": FloatDistribution(0, 1),
    "depth": IntDistribution(2, 20),
    "leaves": IntDistribution(2, 512, log=True),
    "kernel": CategoricalDistribution(["rbf", "poly", "linear"]),
}


def loss(p):
    kernel = {"rbf": 0, "poly": 0.5, "linear": 1}[p["kernel"]]
    scales = math.log(p["c"]) ** 2 + (math.log(p["gamma"]) + 3) ** 2 + (math.log(p["leaves"]) - 4) ** 2
    return scales + 20 * (p["share"] - 0.4) ** 2 + (p["depth"] - 7) ** 2 / 10 + kernel


study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0))
times = []
for _ in range(int(sys.argv[1])):
    start = time.perf_counter()
    trial = study.ask(space)
    times.append((time.perf_counter() - start) * 1000)
    study.tell(trial, loss(trial.params))
print(json.dumps({"suggestMs": times, "best": study.best_value, "version": optuna.__version__}))
