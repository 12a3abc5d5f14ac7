"""Saves two scikit-learn models of one fit, which answer with labels and with probabilities, and says what they answer.

Usage: make_sklearn_models.py FOLDER. Prints one line of JSON: the rows, their labels and their probabilities.
"""

import json
import sys

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

COLUMNS = ["wind", "holiday", "sky"]


def main(folder: str) -> None:
    rng = np.random.default_rng(7)
    days = pd.DataFrame(
        {
            "wind": rng.uniform(0, 1, 200).round(3),
            "holiday": rng.integers(0, 2, 200).astype(bool),
            "sky": rng.choice(["clear", "grey"], 200),
        }
    )
    rain = np.where(days.wind + 0.3 * (days.sky == "grey") > 0.7, "yes", "no")
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    columns = ColumnTransformer(
        [("numbers", numbers, ["wind"]), ("flags", "passthrough", ["holiday"]), ("texts", OneHotEncoder(), ["sky"])]
    )
    model = Pipeline([("columns", columns), ("model", LogisticRegression())]).fit(days, rain)
    for name, function in [("labels", "predict"), ("probabilities", "predict_proba")]:
        signature = infer_signature(days, getattr(model, function)(days))
        mlflow.sklearn.save_model(
            model,
            f"{folder}/{name}",
            signature=signature,
            pyfunc_predict_fn=function,
            serialization_format="cloudpickle",
        )
    asked = days.head(20).copy()
    asked.loc[3, "wind"] = np.nan
    rows = [
        {name: None if isinstance(cell, float) and np.isnan(cell) else cell for name, cell in row.items()}
        for row in asked.to_dict("records")
    ]
    answers = {"labels": model.predict(asked).tolist(), "probabilities": model.predict_proba(asked).tolist()}
    print(json.dumps({"rows": rows, **answers}))


main(sys.argv[1])
