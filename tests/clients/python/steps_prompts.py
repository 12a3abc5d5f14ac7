import mlflow
from framework import refused, same, step


@step("a prompt is registered, loaded by number and filled in")
def _(w):
    w.prompt = f"{w.prefix.replace(' ', '-')}-tide"
    first = mlflow.register_prompt(
        name=w.prompt, template="How high is {{ what }} at {{ when }}?", commit_message="first", tags={"task": "ask"}
    )
    same((int(first.version), first.template), (1, "How high is {{ what }} at {{ when }}?"))
    loaded = mlflow.load_prompt(f"prompts:/{w.prompt}/1")
    same(loaded.format(what="the tide", when="noon"), "How high is the tide at noon?")
    same((loaded.commit_message, loaded.tags["task"]), ("first", "ask"))


@step("a prompt has versions, each as it was written")
def _(w):
    second = mlflow.register_prompt(name=w.prompt, template="Tide at {{ when }}?", commit_message="shorter")
    same(int(second.version), 2)
    same(mlflow.load_prompt(f"prompts:/{w.prompt}/1").template, "How high is {{ what }} at {{ when }}?")
    same(mlflow.load_prompt(f"prompts:/{w.prompt}/2").template, "Tide at {{ when }}?")


@step("a long prompt comes back whole", since=3)
def _(w):
    text = "Ünïcode {{ x }} " * 5000
    mlflow.register_prompt(name=f"{w.prompt}-long", template=text)
    same(mlflow.load_prompt(f"prompts:/{w.prompt}-long/1").template, text)


@step("an alias of a prompt moves and goes")
def _(w):
    mlflow.set_prompt_alias(w.prompt, "live", 1)
    same(int(mlflow.load_prompt(f"prompts:/{w.prompt}@live").version), 1)
    mlflow.set_prompt_alias(w.prompt, "live", 2)
    same(int(w.client.load_prompt(f"prompts:/{w.prompt}@live").version), 2)
    mlflow.delete_prompt_alias(w.prompt, "live")
    try:
        raise AssertionError(f"the alias is gone, and {mlflow.load_prompt(f'prompts:/{w.prompt}@live')} came")
    except mlflow.MlflowException:
        pass


@step("prompts are searched among prompts and hidden among models")
def _(w):
    if w.major >= 3:
        same([prompt.name for prompt in mlflow.search_prompts(filter_string=f"name = '{w.prompt}'")], [w.prompt])
    assert w.prompt not in [model.name for model in w.client.search_registered_models()]
    same([v.version for v in w.client.search_model_versions(f"name = '{w.prompt}'")], [])


@step("prompts and their versions have tags", since=3)
def _(w):
    w.client.set_prompt_tag(w.prompt, "owner", "port")
    w.client.set_prompt_version_tag(w.prompt, 2, "score", "0.9")
    same(w.client.get_prompt(w.prompt).tags["owner"], "port")
    same(mlflow.load_prompt(f"prompts:/{w.prompt}/2").tags["score"], "0.9")
    w.client.delete_prompt_tag(w.prompt, "owner")
    w.client.delete_prompt_version_tag(w.prompt, 2, "score")
    assert "owner" not in w.client.get_prompt(w.prompt).tags
    assert "score" not in mlflow.load_prompt(f"prompts:/{w.prompt}/2").tags


@step("versions of a prompt are listed", since=3)
def _(w):
    same(sorted(int(v.version) for v in w.client.search_prompt_versions(w.prompt)), [1, 2])


@step("a name is a model's or a prompt's, not both")
def _(w):
    w.client.create_registered_model(f"{w.prompt}-model")
    with refused("INVALID_PARAMETER_VALUE"):
        mlflow.register_prompt(name=f"{w.prompt}-model", template="x")


@step("a prompt's version and the prompt are deleted", since=3)
def _(w):
    w.client.delete_prompt_version(w.prompt, "1")
    same(mlflow.load_prompt(f"prompts:/{w.prompt}/1", allow_missing=True), None)
    w.client.delete_prompt_version(w.prompt, "2")
    w.client.delete_prompt(w.prompt)
    same(w.client.get_prompt(w.prompt), None)
