# bentoml serve bento_service:Scorer, two workers, adaptive batching off, as by default.
import os

import bentoml
from answer_rows import Model
from pydantic import create_model

_model = Model(os.environ["MODEL"])
Row = create_model("Row", **{name: (float, ...) for name in _model.columns})


@bentoml.service(workers=2, traffic={"timeout": 60})
class Scorer:
    @bentoml.api
    def predict(self, rows: list[Row]) -> list[dict]:
        return _model.answer([row.__dict__ for row in rows])
