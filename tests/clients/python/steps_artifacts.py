import hashlib
import os
import random

import mlflow
import requests
from framework import same, step
from mlflow.artifacts import download_artifacts, load_dict, load_text
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

MIB = 2**20


def paths(w, path=None):
    return sorted(f.path for f in w.client.list_artifacts(w.files, path))


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def noise(name, size):
    with open(name, "wb") as file:
        file.write(random.Random(size).randbytes(size))
    return name


@step("a run without files lists none")
def _(w):
    w.files = w.client.create_run(w.experiment).info.run_id
    same(paths(w), [])


@step("texts and objects are logged and read again")
def _(w):
    w.client.log_text(w.files, "grün 漢字\n", "notes/größe.txt")
    w.client.log_dict(w.files, {"a": [1, {"ä": None}]}, "config/settings.json")
    w.client.log_dict(w.files, {"b": 2}, "config/settings.yaml")
    root = w.client.get_run(w.files).info.artifact_uri
    same(load_text(f"{root}/notes/größe.txt"), "grün 漢字\n")
    same(load_dict(f"{root}/config/settings.json"), {"a": [1, {"ä": None}]})
    with open(w.client.download_artifacts(w.files, "config/settings.yaml")) as file:
        same(file.read().strip(), "b: 2")


@step("a file is logged below a folder of its run")
def _(w):
    noise("bytes.bin", 3000)
    w.client.log_artifact(w.files, "bytes.bin")
    w.client.log_artifact(w.files, "bytes.bin", "deep/er/down")
    same(paths(w), ["bytes.bin", "config", "deep", "notes"])
    same(paths(w, "deep/er/down"), ["deep/er/down/bytes.bin"])


@step("entries say whether they are folders and how large files are")
def _(w):
    found = {f.path: (f.is_dir, f.file_size) for f in w.client.list_artifacts(w.files)}
    same((found["bytes.bin"], found["deep"]), ((False, 3000), (True, None)))


@step("listing a file or nothing gives nothing")
def _(w):
    same((paths(w, "bytes.bin"), paths(w, "no/such/folder")), ([], []))


@step("a whole folder is logged and downloaded with what it holds")
def _(w):
    os.makedirs("tree/sub/deeper", exist_ok=True)
    for i, name in enumerate(("tree/a.txt", "tree/sub/b.txt", "tree/sub/deeper/c.bin")):
        noise(name, 100 + i)
    w.client.log_artifacts(w.files, "tree", "copied")
    here = w.client.download_artifacts(w.files, "copied", w.folder)
    for name in ("a.txt", "sub/b.txt", "sub/deeper/c.bin"):
        same(digest(os.path.join(here, name)), digest(f"tree/{name}"))


@step("an empty file is a file")
def _(w):
    open("empty.txt", "w").close()
    w.client.log_artifact(w.files, "empty.txt")
    same(os.path.getsize(w.client.download_artifacts(w.files, "empty.txt")), 0)
    assert [f.is_dir for f in w.client.list_artifacts(w.files) if f.path == "empty.txt"] == [False]


@step("names of files may have spaces, percents and letters of any script")
def _(w):
    names = ["a b.txt", "100%.txt", "ü漢🚀.txt", "a+b&c=d.txt", "semi;colon.txt", "x@y,z.txt", "(1) [2] {3}.txt"]
    run = w.client.create_run(w.experiment).info.run_id
    for name in names:
        w.client.log_text(run, name, f"odd/{name}")
    same(sorted(f.path for f in w.client.list_artifacts(run, "odd")), sorted(f"odd/{n}" for n in names))
    for name in names:
        with open(w.client.download_artifacts(run, f"odd/{name}"), encoding="utf8") as file:
            same(file.read(), name)


@step("a file that is logged again replaces the old one")
def _(w):
    for text in ("first", "second, longer"):
        w.client.log_text(w.files, text, "again.txt")
    with open(w.client.download_artifacts(w.files, "again.txt")) as file:
        same(file.read(), "second, longer")


@step("several megabytes come back byte for byte")
def _(w):
    noise("megabytes.bin", 5 * MIB + 1)
    w.client.log_artifact(w.files, "megabytes.bin", "large")
    same(digest(w.client.download_artifacts(w.files, "large/megabytes.bin")), digest("megabytes.bin"))


@step("a large file goes up in parts when the client is told so")
def _(w):
    noise("parts.bin", 7 * MIB + 13)
    settings = {
        "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "true",
        "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE": str(2 * MIB),
        "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE": str(MIB),
    }
    os.environ.update(settings)
    try:
        w.client.log_artifact(w.files, "parts.bin", "large")
    finally:
        for name in settings:
            del os.environ[name]
    same(digest(w.client.download_artifacts(w.files, "large/parts.bin")), digest("parts.bin"))


@step("a large file goes up in parts because the server offers it", since=3)
def _(w):
    noise("offered.bin", 3 * MIB + 1)
    os.environ.update(MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE=str(2 * MIB), MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE=str(MIB))
    try:
        w.client.log_artifact(w.files, "offered.bin", "large")
    finally:
        del os.environ["MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE"], os.environ["MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE"]
    same(digest(w.client.download_artifacts(w.files, "large/offered.bin")), digest("offered.bin"))


@step("a client that insists on presigned downloads is told no and reads the file all the same", since=3)
def _(w):
    os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD"] = "true"
    try:
        same(digest(w.client.download_artifacts(w.files, "large/parts.bin")), digest("parts.bin"))
    finally:
        del os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD"]


@step("what the server can do is told before anybody logs in", since=3, only="fairlead")
def _(w):
    info = requests.get(f"{w.address}/api/3.0/mlflow/server-info").json()
    same((info["multipart_uploads_enabled"], info["multipart_downloads_enabled"]), (True, False))
    same(info["workspaces_enabled"], False)


@step("an upload in parts is offered, each part is acknowledged, and a part may be sent again", only="fairlead")
def _(w):
    path = w.client.get_run(w.files).info.artifact_uri.split("mlflow-artifacts:/")[1].lstrip("/") + "/large"
    api = f"{w.address}/api/2.0/mlflow-artifacts/mpu"
    begun = requests.post(f"{api}/create/{path}", json={"path": "sent-by-hand.bin", "num_parts": 2})
    same(begun.status_code, 200)
    bodies, parts = [b"a" * MIB, b"b" * 10], []
    for credential in begun.json()["credentials"]:
        number = int(credential["part_number"])
        for body in (b"broken off", bodies[number - 1]):
            put = requests.put(credential["url"], data=body, headers=credential.get("headers") or {})
            same(put.status_code, 200)
        parts.append({"part_number": number, "etag": put.headers["ETag"], "url": credential["url"]})
    done = requests.post(
        f"{api}/complete/{path}",
        json={"path": "sent-by-hand.bin", "upload_id": begun.json()["upload_id"], "parts": parts},
    )
    same((done.status_code, done.json()), (200, {}))
    with open(w.client.download_artifacts(w.files, "large/sent-by-hand.bin"), "rb") as file:
        same(file.read(), b"".join(bodies))


@step("an upload in parts that is given up leaves nothing", only="fairlead")
def _(w):
    path = w.client.get_run(w.files).info.artifact_uri.split("mlflow-artifacts:/")[1].lstrip("/") + "/large"
    api = f"{w.address}/api/2.0/mlflow-artifacts/mpu"
    begun = requests.post(f"{api}/create/{path}", json={"path": "given-up.bin", "num_parts": 1}).json()
    given_up = requests.post(f"{api}/abort/{path}", json={"path": "given-up.bin", "upload_id": begun["upload_id"]})
    same(given_up.status_code, 200)
    assert "large/given-up.bin" not in paths(w, "large")
    again = requests.post(
        f"{api}/complete/{path}", json={"path": "given-up.bin", "upload_id": begun["upload_id"], "parts": []}
    )
    assert 400 <= again.status_code < 500, again.status_code


@step("figures and images are logged")
def _(w):
    import matplotlib.pyplot as plt
    import numpy as np

    figure, axes = plt.subplots()
    axes.plot([1, 2, 3])
    w.client.log_figure(w.files, figure, "figures/line.png")
    w.client.log_image(w.files, np.zeros((8, 8, 3), dtype=np.uint8), artifact_file="images/black.png")
    with open(w.client.download_artifacts(w.files, "figures/line.png"), "rb") as file:
        same(file.read(8), b"\x89PNG\r\n\x1a\n")
    same(paths(w, "images"), ["images/black.png"])


@step("an image of a step is logged with its small picture")
def _(w):
    import numpy as np

    w.client.log_image(w.files, np.ones((8, 8, 3), dtype=np.uint8), key="prediction", step=3)
    found = paths(w, "images")
    same(len([f for f in found if "prediction" in f]), 2)


@step("tables are logged, added to and loaded")
def _(w):
    with mlflow.start_run(run_id=w.files):
        mlflow.log_table({"question": ["a", "b"], "score": [0.5, 1.0]}, "table.json")
        mlflow.log_table({"question": ["c"], "score": [0.0]}, "table.json")
        table = mlflow.load_table("table.json", run_ids=[w.files])
    same(table["question"].tolist(), ["a", "b", "c"])


@step("files are downloaded by address into a folder of the caller")
def _(w):
    target = os.path.join(w.folder, "target")
    os.makedirs(target, exist_ok=True)
    by_run = download_artifacts(f"runs:/{w.files}/bytes.bin", dst_path=target)
    same((digest(by_run), by_run.startswith(target)), (digest("bytes.bin"), True))
    by_root = download_artifacts(w.client.get_run(w.files).info.artifact_uri + "/bytes.bin")
    same(digest(by_root), digest("bytes.bin"))


@step("files and folders are deleted")
def _(w):
    repository = get_artifact_repository(w.client.get_run(w.files).info.artifact_uri)
    repository.delete_artifacts("bytes.bin")
    repository.delete_artifacts("deep")
    left = paths(w)
    assert "bytes.bin" not in left and "deep" not in left and "notes" in left, left
    same(paths(w, "deep/er/down"), [])


@step("a file that does not exist is not found")
def _(w):
    try:
        w.client.download_artifacts(w.files, "no/such/file.txt")
    except Exception as error:
        assert "500" not in str(error), error
    else:
        raise AssertionError("something was downloaded")


@step("artifacts/list tells the root and paths below the run")
def _(w):
    answer = requests.get(
        f"{w.address}/api/2.0/mlflow/artifacts/list", params={"run_id": w.files, "path": "notes"}
    ).json()
    same(answer["root_uri"], w.client.get_run(w.files).info.artifact_uri)
    same(answer["files"], [{"path": "notes/größe.txt", "is_dir": False, "file_size": 13}])


@step("a file is served as an attachment that no browser runs")
def _(w):
    w.client.log_text(w.files, "<script>alert(1)</script>", "page.html")
    answer = requests.get(f"{w.address}/get-artifact", params={"run_id": w.files, "path": "page.html"})
    same((answer.status_code, answer.text), (200, "<script>alert(1)</script>"))
    assert answer.headers["Content-Disposition"].startswith("attachment"), answer.headers
    same(answer.headers["X-Content-Type-Options"], "nosniff")


@step("paths that leave the run are refused")
def _(w):
    for path in ("../../secret", "a/../../b", "/etc/passwd", "%2e%2e/%2e%2e/etc/passwd"):
        answer = requests.get(f"{w.address}/get-artifact", params={"run_id": w.files, "path": path})
        assert 400 <= answer.status_code < 500, (path, answer.status_code)
        listed = requests.get(f"{w.address}/api/2.0/mlflow/artifacts/list", params={"run_id": w.files, "path": path})
        assert 400 <= listed.status_code < 500, (path, listed.status_code)
