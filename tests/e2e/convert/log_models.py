"""Logs models as people do: a pipeline over text and numbers, a regression without an example, and what no converter knows."""
import sys

import mlflow
import numpy
import pandas
from mlflow.models import infer_signature
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment("convert")
random = numpy.random.default_rng(0)
rows = pandas.DataFrame({"wind": random.normal(8, 3, 300), "sky": random.choice(["clear", "fog", "rain"], 300)})
late = numpy.where(rows.wind + 3 * (rows.sky == "rain") > 9, "late", "on time")
numbers = pandas.DataFrame({"wind": rows.wind, "cars": random.normal(50, 20, 300)})


def log(name, model, table, example=None):
    with mlflow.start_run():
        mlflow.sklearn.log_model(
            model,
            name="model",
            signature=infer_signature(table, model.predict(table)),
            input_example=example,
            registered_model_name=name,
            serialization_format="cloudpickle",
            pip_requirements=["scikit-learn"],
        )


text = ColumnTransformer([("wind", StandardScaler(), ["wind"]), ("sky", OneHotEncoder(handle_unknown="ignore"), ["sky"])])
log("ferry", make_pipeline(text, LogisticRegression()).fit(rows, late), rows, rows.head(40))
log("blind-ferry", make_pipeline(text, LogisticRegression()).fit(rows, late), rows)
log("boosted", HistGradientBoostingClassifier(max_iter=10).fit(numbers, late == "late"), numbers)
log("minutes", RandomForestRegressor(5, random_state=0).fit(numbers, numbers.wind * 2 + numbers.cars), numbers)
log("own", make_pipeline(FunctionTransformer(numpy.tanh), LogisticRegression()).fit(numbers, late), numbers)
with mlflow.start_run():
    mlflow.pyfunc.log_model(name="model", python_model=lambda model_input: model_input, pip_requirements=[], registered_model_name="function")
rows.to_csv("rows.csv", index=False)
print(mlflow.sklearn.load_model("models:/ferry/1").predict_proba(pandas.DataFrame({"wind": [9.5], "sky": ["fog"]}))[0].tolist())
