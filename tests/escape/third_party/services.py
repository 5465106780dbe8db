# ruff: noqa: B023
# Every case is tried before the next one is made.
"""Clouds, language models, bots and services, by their own clients."""

from __future__ import annotations

from typing import Any

from ..real import answering
from .place import Cases, Place, answer, load


def cloud(place: Place) -> Cases:
    boto3, config = load("boto3"), load("botocore.config").Config(retries={"max_attempts": 0})
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "eu-west-1", "config": config}
    small = place.folder / "small"
    small.write_text("x")
    s3 = boto3.client("s3", endpoint_url=place.denied, **keys)
    resource = boto3.resource("s3", endpoint_url=place.denied, **keys)
    table = boto3.resource("dynamodb", endpoint_url=place.denied, **keys).Table("t")
    yield "boto3.client.list_buckets", lambda: s3.list_buckets()
    yield "boto3.client.download_file", lambda: s3.download_file("b", "k", str(place.folder / "got"))
    yield "boto3.client.upload_file", lambda: s3.upload_file(str(small), "b", "k")
    yield "boto3.client.upload_file", lambda: s3.upload_file(str(place.missing), "b", "k")
    yield "boto3.client.upload_fileobj", lambda: s3.upload_fileobj(small.open("rb"), "b", "k")
    yield "boto3.pages.__iter__", lambda: list(s3.get_paginator("list_objects_v2").paginate(Bucket="b"))
    yield "boto3.resource.collection.__iter__", lambda: list(resource.Bucket("b").objects.all())
    yield "boto3.resource.put", lambda: resource.Object("b", "k").put(Body=b"x")
    yield "boto3.resource.upload_file", lambda: resource.Bucket("b").upload_file(str(small), "k")
    yield "boto3.resource.get_item", lambda: table.get_item(Key={"a": "b"})
    waiter = s3.get_waiter("bucket_exists")
    yield "boto3.waiter.wait", lambda: waiter.wait(Bucket="b", WaiterConfig={"Delay": 0, "MaxAttempts": 1})
    anonymous = load("google.auth.credentials").AnonymousCredentials()
    storage = load("google.cloud.storage").Client("x", anonymous, client_options={"api_endpoint": place.forbidden})
    yield "google.cloud.storage.Client.get_bucket", lambda: storage.get_bucket("b")
    yield (
        "google.cloud.storage.Blob.upload_from_string",
        lambda: storage.bucket("b").blob("k").upload_from_string("x"),
    )
    yield "google.cloud.storage.Blob.download_as_bytes", lambda: storage.bucket("b").blob("k").download_as_bytes()
    bigquery = load("google.cloud.bigquery").Client("x", anonymous, client_options={"api_endpoint": place.forbidden})
    yield "google.cloud.bigquery.Client.query", lambda: bigquery.query("x")
    yield "google.cloud.bigquery.Client.get_table", lambda: bigquery.get_table("a.b.c")
    discovery = load("googleapiclient.discovery")
    http = load("googleapiclient.http").HttpMockSequence([({"status": "404"}, b"{}")])
    yield (
        "googleapiclient.resource.execute",
        lambda: discovery.build("drive", "v3", http=http, static_discovery=True).files().list().execute(),
    )
    blob = load("azure.storage.blob")
    key = "eA=="
    refused = f"DefaultEndpointsProtocol=http;AccountName=x;AccountKey={key};BlobEndpoint={place.web}/x"
    denied = refused.replace(place.web, place.denied)

    def upload(account: str) -> object:
        service = blob.BlobServiceClient.from_connection_string(account, retry_total=0)
        return service.get_blob_client("c", "b").upload_blob(b"x")

    yield "azure.storage.blob.BlobClient.upload_blob", lambda: upload(refused)
    yield "azure.storage.blob.BlobClient.upload_blob", lambda: upload(denied)
    minio = load("minio").Minio
    for url in (place.web, place.denied):
        yield (
            "minio.Minio.list_buckets",
            lambda: minio(url.partition("//")[2], "x", "x", secure=False).list_buckets(),
        )
    msal = load("msal")
    authority = f"https://{place.host}:{place.port}/x"

    def token() -> object:
        app = msal.ConfidentialClientApplication(
            "x", client_credential="x", authority=authority, instance_discovery=False
        )
        return app.acquire_token_for_client(["x"])

    yield "msal.ConfidentialClientApplication.acquire_token_for_client", token
    yield "google.oauth2.id_token.verify_oauth2_token", lambda: verify(place)
    yield "google.auth.default", lambda: load("google.auth").default()


def verify(place: Place) -> object:
    request = load("google.auth.transport.requests").Request()
    return load("google.oauth2.id_token").verify_oauth2_token("seven", request, "x")


def language_models(place: Place) -> Cases:
    for name, client, create in (
        ("openai", "OpenAI", "chat.completions.create"),
        ("openai", "OpenAI", "embeddings.create"),
        ("openai", "OpenAI", "responses.create"),
        ("openai", "AsyncOpenAI", "chat.completions.create"),
        ("anthropic", "Anthropic", "messages.create"),
        ("anthropic", "AsyncAnthropic", "messages.create"),
        ("groq", "Groq", "chat.completions.create"),
    ):
        for url in (place.web, place.denied, place.broken):

            def create_it() -> Any:
                here = getattr(load(name), client)(api_key="x", base_url=url, max_retries=0)
                for part in create.split("."):
                    here = getattr(here, part)
                extra = {"max_tokens": 1} if name == "anthropic" else {}
                if create.startswith(("embeddings", "responses")):
                    return here(model="x", input="x")
                return here(model="x", messages=[{"role": "user", "content": "x"}], **extra)

            yield f"{name}.{client}.{create}", create_it
    genai = load("google.genai")
    gemini = genai.Client(api_key="x", http_options=genai.types.HttpOptions(base_url=place.denied))
    yield (
        "google.genai.Client.models.generate_content",
        lambda: gemini.models.generate_content(model="x", contents="x"),
    )
    ollama = load("ollama")
    yield "ollama.Client.chat", lambda: ollama.Client(place.web).chat(model="x")
    yield "ollama.Client.chat", lambda: ollama.Client(place.broken).chat(model="x")
    yield "ollama.AsyncClient.chat", lambda: ollama.AsyncClient(place.web).chat(model="x")

    messages = [{"role": "user", "content": "x"}]
    litellm = load("litellm")
    yield (
        "litellm.completion",
        lambda: litellm.completion("openai/x", messages, api_key="x", api_base=place.denied, max_retries=0),
    )
    chain = load("langchain_openai").ChatOpenAI(api_key="x", base_url=place.web, max_retries=0)
    yield "langchain_openai.ChatOpenAI.invoke", lambda: chain.invoke("x")
    chain_too = load("langchain_anthropic").ChatAnthropic(model="x", api_key="x", base_url=place.web, max_retries=0)
    yield "langchain_anthropic.ChatAnthropic.invoke", lambda: chain_too.invoke("x")
    mistral = load("mistralai.client").Mistral
    for url in (place.web, place.denied):
        yield (
            "mistralai.Mistral.chat.complete",
            lambda: mistral("x", server_url=url).chat.complete(model="x", messages=messages),
        )
        yield (
            "cohere.ClientV2.chat",
            lambda: load("cohere").ClientV2("x", base_url=url).chat(model="x", messages=messages),
        )
    yield (
        "huggingface_hub.InferenceClient.chat_completion",
        lambda: load("huggingface_hub").InferenceClient(place.denied).chat_completion(messages),
    )


def chat(place: Place) -> Cases:
    telegram = load("telegram")
    token = "1:x"
    for url in (place.web, place.denied):
        yield (
            "telegram.Bot.send_message",
            lambda: telegram.Bot(token, base_url=f"{url}/", base_file_url=url).send_message(1, "x"),
        )
    slack = load("slack_sdk")
    refusal = answering(answer("200 OK", b'{"ok": false, "error": "no"}'))
    with refusal as port:
        url = f"http://{place.host}:{port}/"
        yield (
            "slack_sdk.WebClient.chat_postMessage",
            lambda: slack.WebClient("x", base_url=url).chat_postMessage(channel="x"),
        )
    yield "slack_sdk.webhook.WebhookClient.send", lambda: slack.WebhookClient(place.web).send(text="x")
    aiogram = load("aiogram")

    async def send() -> object:
        server = load("aiogram.client.telegram").TelegramAPIServer.from_base(place.web)
        session = load("aiogram.client.session.aiohttp").AiohttpSession(api=server)
        async with aiogram.Bot("1:" + "x" * 35, session=session) as bot:
            return await bot.send_message(1, "x")

    yield "aiogram.Bot.send_message", send

    def telebot() -> object:
        load("telebot.apihelper").API_URL = place.web + "/bot{0}/{1}"
        return load("telebot").TeleBot(token).send_message(1, "x")

    yield "telebot.TeleBot.send_message", telebot

    mastodon = load("mastodon").Mastodon
    for url in (place.web, place.denied):
        yield (
            "mastodon.Mastodon.timeline_home",
            lambda: mastodon(access_token="x", api_base_url=url, version_check_mode="none").timeline_home(),
        )


def services(place: Place) -> Cases:
    supabase = load("supabase")
    for url in (place.web, place.denied):
        yield (
            "supabase.Query.execute",
            lambda: supabase.create_client(url, "a.b.c").table("t").select("*").execute(),
        )
    yield "zeep.Client", lambda: load("zeep").Client(place.web)
    yield "zeep.Client", lambda: load("zeep").Client(place.denied)
    stripe = load("stripe")

    def customers(url: str) -> object:
        stripe.api_key, stripe.api_base, stripe.max_network_retries = "x", url, 0
        return stripe.Customer.list()

    yield "stripe.Customer.list", lambda: customers(place.web)
    yield "stripe.Customer.list", lambda: customers(place.denied)
    yield "stripe.Webhook.construct_event", lambda: stripe.Webhook.construct_event("{", "t=1,v1=x", "x")
    rest = load("twilio.rest")

    def message() -> object:
        client = rest.Client("AC1", "x")
        client.http_client.request = lambda *_, **__: load("twilio.http.response").Response(401, "{}")
        return client.messages.create(to="1", from_="2", body="x")

    yield "twilio.rest.Client.messages.create", message
    github = load("github")
    yield "github.Github.get_repo", lambda: github.Github(base_url=place.denied, retry=None).get_repo("a/b")
    gitlab = load("gitlab")
    yield "gitlab.Gitlab.projects.get", lambda: gitlab.Gitlab(place.denied, "x").projects.get(1)
    yield "jira.JIRA", lambda: load("jira").JIRA(place.denied, basic_auth=("a", "b"), max_retries=0)
    yield "sendgrid.SendGridAPIClient.send", lambda: load("sendgrid").SendGridAPIClient("x", place.denied).send({})
    spotify = load("spotipy")

    def search() -> object:
        client = spotify.Spotify(auth="x", retries=0)
        client.prefix = f"{place.denied}/"
        return client.search("x")

    yield "spotipy.Spotify.search", search
    notion = load("notion_client")
    refusal = b'{"code": "unauthorized", "message": "no", "object": "error", "status": 401}'
    with answering(answer("401 No", refusal)) as port:
        url = f"http://{place.host}:{port}"
        yield "notion_client.Client.users.list", lambda: notion.Client(auth="x", base_url=url).users.list()
