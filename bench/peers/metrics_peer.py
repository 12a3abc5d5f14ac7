"""Metrics of a binary file of rows by scikit-learn: float64 scores, then uint8 truths. Last line: {metric: [ms, value]}."""

import json
import sys
import time

import numpy as np
from sklearn.metrics import average_precision_score, f1_score, log_loss, roc_auc_score

path, rows = sys.argv[1], int(sys.argv[2])
scores = np.fromfile(path, dtype=np.float64, count=rows)
truth = np.fromfile(path, dtype=np.uint8, offset=8 * rows).astype(np.int32)
predicted = (scores > 0.5).astype(np.int32)
metrics = {
    "rocAuc": lambda: roc_auc_score(truth, scores),
    "averagePrecision": lambda: average_precision_score(truth, scores),
    "f1": lambda: f1_score(truth, predicted),
    "logLoss": lambda: log_loss(truth, scores),
}
answer = {}
for name, metric in metrics.items():
    started = time.perf_counter()
    value = float(metric())
    answer[name] = [1000 * (time.perf_counter() - started), value]
print(json.dumps(answer))
