"""What a data scientist's script does: nothing but autologging. Argument: the tracking address."""

import sys

import mlflow
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split

mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment("autolog")
mlflow.sklearn.autolog()
x, y = load_breast_cancer(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=1)
for depth in (3, 5):
    with mlflow.start_run():
        RandomForestClassifier(n_estimators=20, max_depth=depth, random_state=1).fit(x_train, y_train).score(x_test, y_test)
with mlflow.start_run():
    GridSearchCV(LogisticRegression(max_iter=200), {"C": [0.1, 1.0, 10.0]}, cv=3).fit(x_train, y_train)
print(len(mlflow.search_runs(experiment_names=["autolog"])))
