# uvicorn fastapi_app:app --workers 2. The body is checked against a model with one float per column.
import os

from answer_rows import Model
from fastapi import FastAPI
from pydantic import create_model

model = Model(os.environ["MODEL"])
Row = create_model("Row", **{name: (float, ...) for name in model.columns})
Body = create_model("Body", rows=(list[Row], ...))
Prediction = create_model("Prediction", label=(str, ...), probabilities=(dict[str, float], ...))
Answer = create_model("Answer", predictions=(list[Prediction], ...))
app = FastAPI()


@app.get("/ready")
async def ready():
    return {"ready": True}


@app.post("/predict", response_model=Answer)
async def predict(body: Body):
    return {"predictions": model.answer([row.__dict__ for row in body.rows])}
