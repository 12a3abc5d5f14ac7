from framework import refused, same, step


def hook_name(w, word):
    """Names of webhooks have no spaces."""
    return f"{w.prefix}-{word}".replace(" ", "-")


@step("a webhook is made, found and listed", since=3)
def _(w):
    made = w.client.create_webhook(
        hook_name(w, "hook"),
        "https://1.1.1.1/hook",  # an address that needs no name to be looked up; nothing is sent while it is active
        ["registered_model.created", "model_version_alias.created"],
        description="tells the harbour",
        secret="a long secret",
    )
    w.webhook = made.webhook_id
    got = w.client.get_webhook(w.webhook)
    same((got.name, got.url, got.description), (hook_name(w, "hook"), "https://1.1.1.1/hook", "tells the harbour"))
    same(sorted(str(e) for e in got.events), ["model_version_alias.created", "registered_model.created"])
    same(str(got.status), "ACTIVE")
    assert "long secret" not in str(vars(got)), "the secret is told"
    assert w.webhook in [h.webhook_id for h in w.client.list_webhooks(max_results=100)]


@step("a webhook is changed", since=3)
def _(w):
    w.client.update_webhook(w.webhook, name=hook_name(w, "other"), status="DISABLED", events=["model_version.created"])
    got = w.client.get_webhook(w.webhook)
    same((got.name, str(got.status)), (hook_name(w, "other"), "DISABLED"))
    same([str(e) for e in got.events], ["model_version.created"])
    same(got.url, "https://1.1.1.1/hook")


@step("webhooks to addresses without https are refused", since=3)
def _(w):
    for url in ("http://1.1.1.1/hook", "ftp://1.1.1.1", "no address"):
        with refused("INVALID_PARAMETER_VALUE"):
            w.client.create_webhook(hook_name(w, "bad"), url, ["model_version.created"])


@step("a webhook without events or with an unknown one is refused", since=3)
def _(w):
    with refused("INVALID_PARAMETER_VALUE"):
        w.client.create_webhook(hook_name(w, "bad"), "https://1.1.1.1", [])


@step("webhooks come in pages", since=3)
def _(w):
    for i in range(3):
        w.client.create_webhook(hook_name(w, f"page-{i}"), "https://1.1.1.1/p", ["model_version.created"], status="DISABLED")
    found, token = [], None
    while True:
        page = w.client.list_webhooks(max_results=2, page_token=token)
        found += [h.name for h in page]
        token = page.token
        if not token:
            break
    same(sorted(n for n in found if n.startswith(hook_name(w, "page"))), [hook_name(w, f"page-{i}") for i in range(3)])


@step("a deleted webhook is not found", since=3)
def _(w):
    w.client.delete_webhook(w.webhook)
    with refused("RESOURCE_DOES_NOT_EXIST"):
        w.client.get_webhook(w.webhook)
