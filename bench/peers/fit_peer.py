"""One peer on one task: usage fit_peer.py CASE DATA THREADS. Prints {fitMs, fitCpuMs, predictMs, score, peakMiB}.

`-fit` cases measure the fit alone; their score is the AUC on 5,000 test rows, for k-means minus the mean squared distance.
`predictMs` is for the training rows, `score` the AUC on the test rows (accuracy for the support vector machines, as in
the book).
"""
import json
import os
import resource
import sys
import time

case, path, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
# Before anything loads OpenMP: more threads than cores make it spin.
os.environ["OMP_NUM_THREADS"] = str(threads)

import numpy as np  # noqa: E402


def read(path):
    with open(path, "rb") as file:
        train, test, features = np.fromfile(file, "<i4", 3)
        parts = []
        for rows in (train, test):
            x = np.fromfile(file, "<f4", rows * features).reshape((rows, features), order="F")
            parts.append((np.ascontiguousarray(x), np.fromfile(file, "u1", rows)))
    return parts


def model():
    if case == "random-forest":
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(100, max_depth=10, n_jobs=threads, random_state=0)
    if case == "gradient-boosting":
        from sklearn.ensemble import HistGradientBoostingClassifier

        return HistGradientBoostingClassifier(max_iter=100, max_leaf_nodes=31, early_stopping=False, random_state=0)
    if case == "gradient-boosting-lightgbm":
        from lightgbm import LGBMClassifier

        return LGBMClassifier(n_estimators=100, num_leaves=31, n_jobs=threads, verbose=-1, random_state=0)
    if case == "logistic-regression":
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(max_iter=1000)
    if case == "logistic-regression-fit":
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(max_iter=1000)
    if case == "ridge-fit":
        from sklearn.linear_model import Ridge

        return Ridge()
    if case == "k-means-fit":
        from sklearn.cluster import KMeans

        return KMeans(8, init=x[:8].copy(), n_init=1)
    if case == "k-nearest-neighbours-fit":
        from sklearn.neighbors import KNeighborsClassifier

        return KNeighborsClassifier()
    if case == "multi-layer-perceptron-fit":
        import warnings

        from sklearn.neural_network import MLPClassifier

        warnings.simplefilter("ignore")
        return MLPClassifier(max_iter=2, random_state=0)
    if case == "svc":
        from sklearn.svm import SVC

        return SVC()
    if case != "svc-grid":
        sys.exit(f"there is no case {case}")
    from sklearn.model_selection import GridSearchCV
    from sklearn.svm import SVC

    # The book's search: SVC, two kernels, two penalties, five folds.
    return GridSearchCV(SVC(), {"kernel": ["linear", "rbf"], "C": [1, 10]}, cv=5, n_jobs=threads)


(x, y), (x_test, y_test) = read(path)
estimator = model()
started, before = time.perf_counter(), time.process_time()
estimator.fit(x, y)
fitted, after = time.perf_counter(), time.process_time()
if case.endswith("-fit"):
    from sklearn.metrics import roc_auc_score

    if case == "k-means-fit":
        score = -estimator.inertia_ / len(x)
    elif case == "ridge-fit":
        score = roc_auc_score(y_test[:5000], estimator.predict(x_test[:5000]))
    else:
        score = roc_auc_score(y_test[:5000], estimator.predict_proba(x_test[:5000])[:, 1])
    print(json.dumps({
        "fitMs": 1e3 * (fitted - started),
        "fitCpuMs": 1e3 * (after - before),
        "score": float(score),
        "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }))
    sys.exit()
by_class = case in ("svc", "svc-grid")
estimator.predict(x) if by_class else estimator.predict_proba(x)
predicted = time.perf_counter()
answer = estimator.predict(x_test) if by_class else estimator.predict_proba(x_test)[:, 1]
if by_class:
    score = float((answer == y_test).mean())
else:
    from sklearn.metrics import roc_auc_score

    score = float(roc_auc_score(y_test, answer))
print(json.dumps({
    "fitMs": 1e3 * (fitted - started),
    "fitCpuMs": 1e3 * (after - before),
    "predictMs": 1e3 * (predicted - fitted),
    "score": score,
    "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
}))
