# A runtime of MLServer: one FP32 tensor per column in, label and probabilities out, over the Open Inference Protocol.
import os

from answer_rows import Model
from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceResponse


class OnnxModel(MLModel):
    async def load(self):
        self.onnx = Model(os.environ["MODEL"])
        return True

    async def predict(self, payload):
        feeds = {tensor.name: NumpyCodec.decode_input(tensor).astype("float32") for tensor in payload.inputs}
        labels, probabilities = self.onnx.session.run(["label", "probabilities"], feeds)
        outputs = [
            StringCodec.encode_output("label", [str(label) for label in labels.tolist()]),
            NumpyCodec.encode_output("probabilities", probabilities),
        ]
        return InferenceResponse(id=payload.id, model_name=self.name, model_version=self.version, outputs=outputs)
