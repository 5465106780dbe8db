"""Clients of language models: OpenAI, Anthropic, Google, Groq, Ollama, Mistral, Cohere, Hugging Face, LangChain."""

from __future__ import annotations

from shipworthy.escape.catalogue.model import PEER, RARE, USER, Library, call, classes, library, methods, rather

_CHAINED = "invoke ainvoke stream astream batch abatch"
_STATUS = (
    "BadRequestError AuthenticationError PermissionDeniedError NotFoundError ConflictError UnprocessableEntityError "
    "RateLimitError InternalServerError"
)


def _client(name: str, client: str, base: str, requests: str, aliases: str = "", more: str = "") -> Library:
    """A client that Stainless generates: one class for each status, under APIError, under `base`."""
    return library(
        name,
        calls=(
            classes(f"{name}.{client}"),
            methods(f"{name}.{client}", requests, f"{name}.APIError", PEER, returns="language_models.answer"),
            methods(f"{name}.{client}", "with_options copy", returns=f"{name}.{client}"),
        ),
        exceptions=f"""
            {name}:
            {base} < Exception
            APIError < {base}
            APIStatusError APIConnectionError APIResponseValidationError < APIError
            APITimeoutError < APIConnectionError
            {_STATUS} < APIStatusError
            {more}
        """,
        aliases=f"""
            {name}.Async{client} = {name}.{client}
            {name}._exceptions {name}._client = {name}
            {aliases}
        """,
    )


_OPENAI = _client(
    "openai",
    "OpenAI",
    "OpenAIError",
    "chat.completions.create chat.completions.parse chat.completions.stream completions.create responses.create "
    "responses.parse responses.stream embeddings.create images.generate images.edit images.create_variation "
    "audio.transcriptions.create audio.translations.create audio.speech.create moderations.create models.list "
    "models.retrieve files.create files.retrieve files.content files.delete files.list fine_tuning.jobs.create "
    "fine_tuning.jobs.retrieve batches.create batches.retrieve vector_stores.create vector_stores.retrieve "
    "beta.chat.completions.parse beta.assistants.create beta.threads.create beta.threads.messages.create "
    "beta.threads.messages.list beta.threads.runs.create beta.threads.runs.create_and_poll beta.threads.runs.retrieve",
    aliases="""
        openai.AzureOpenAI openai.AsyncAzureOpenAI = openai.OpenAI
        openai.chat = openai.OpenAI.chat
        openai.completions = openai.OpenAI.completions
        openai.responses = openai.OpenAI.responses
        openai.embeddings = openai.OpenAI.embeddings
        openai.images = openai.OpenAI.images
        openai.audio = openai.OpenAI.audio
        openai.moderations = openai.OpenAI.moderations
        openai.models = openai.OpenAI.models
        openai.error = openai
        langfuse.openai.OpenAI langfuse.openai.AsyncOpenAI = openai.OpenAI
    """,
    more="""
        LengthFinishReasonError ContentFilterFinishReasonError < OpenAIError
        InvalidRequestError ServiceUnavailableError TryAgain < OpenAIError
    """,
)

_OPENAI_0 = library(
    "openai before 1.0",
    calls=(
        methods(
            "openai",
            "ChatCompletion.create ChatCompletion.acreate Completion.create Completion.acreate Embedding.create "
            "Embedding.acreate Image.create Image.acreate Audio.transcribe Audio.atranscribe Audio.translate "
            "Moderation.create Edit.create",
            "openai.OpenAIError",
            PEER,
            returns="language_models.answer",
            since="before 1.0",
        ),
    ),
)

_ANTHROPIC = _client(
    "anthropic",
    "Anthropic",
    "AnthropicError",
    "messages.create messages.stream messages.count_tokens messages.parse completions.create models.list "
    "models.retrieve messages.batches.create messages.batches.retrieve messages.batches.results beta.messages.create "
    "beta.messages.stream beta.files.upload",
    aliases="""
        anthropic.AnthropicBedrock anthropic.AsyncAnthropicBedrock anthropic.AnthropicVertex = anthropic.Anthropic
        anthropic.AsyncAnthropicVertex anthropic.Client anthropic.AsyncClient = anthropic.Anthropic
    """,
    more="""
        OverloadedError < InternalServerError
    """,
)

_GROQ = _client(
    "groq",
    "Groq",
    "GroqError",
    "chat.completions.create embeddings.create audio.transcriptions.create audio.translations.create models.list",
)

_OTHERS = library(
    "further models",
    calls=(
        classes("google.genai.Client google.generativeai.GenerativeModel"),
        methods(
            "google.genai.Client",
            "models.generate_content models.generate_content_stream models.embed_content models.generate_images "
            "models.count_tokens aio.models.generate_content aio.models.generate_content_stream "
            "aio.models.embed_content files.upload files.get files.delete",
            "google.genai.errors.APIError",
            PEER,
            returns="language_models.answer",
        ),
        call(
            "google.genai.Client.chats.create google.genai.Client.aio.chats.create",
            returns="google.genai.chats.Chat",
        ),
        methods(
            "google.genai.chats.Chat",
            "send_message send_message_stream",
            "google.genai.errors.APIError",
            PEER,
            returns="language_models.answer",
        ),
        methods(
            "google.generativeai.GenerativeModel",
            "generate_content generate_content_async count_tokens",
            "google.api_core.exceptions.GoogleAPIError",
            PEER,
            returns="language_models.answer",
        ),
        call("google.generativeai.GenerativeModel.start_chat", returns="google.generativeai.ChatSession"),
        methods(
            "google.generativeai.ChatSession",
            "send_message send_message_async",
            "google.api_core.exceptions.GoogleAPIError",
            PEER,
            returns="language_models.answer",
        ),
        methods(
            "google.generativeai",
            "embed_content upload_file list_models",
            "google.api_core.exceptions.GoogleAPIError",
            PEER,
        ),
        # A server that does not run is a ConnectionError, an answer with an error status is not.
        methods(
            "ollama",
            "chat generate embeddings embed pull list show create Client.chat Client.generate Client.embeddings "
            "Client.embed Client.pull Client.list Client.show Client.create",
            "ConnectionError ollama.ResponseError",
            PEER,
            returns="language_models.answer",
        ),
        classes("ollama.Client"),
        # Its exceptions are children of those of openai, whoever answers.
        methods(
            "litellm",
            "completion acompletion embedding aembedding image_generation transcription text_completion",
            "openai.OpenAIError",
            PEER,
            returns="language_models.answer",
        ),
        classes("langchain_openai.ChatOpenAI langchain_openai.OpenAIEmbeddings langchain_anthropic.ChatAnthropic"),
        methods("langchain_openai.ChatOpenAI", _CHAINED, "openai.OpenAIError", PEER, returns="language_models.message"),
        methods("langchain_openai.OpenAIEmbeddings", "embed_query embed_documents", "openai.OpenAIError", PEER),
        methods(
            "langchain_anthropic.ChatAnthropic",
            _CHAINED,
            "anthropic.AnthropicError",
            PEER,
            returns="language_models.message",
        ),
        classes("mistralai.Mistral cohere.Client huggingface_hub.InferenceClient"),
        methods(
            "mistralai.Mistral",
            "chat.complete chat.complete_async chat.stream embeddings.create models.list",
            ("mistralai.MistralError", rather(RARE, "httpx.HTTPError"), rather(RARE, "httpx2.HTTPError")),
            PEER,
            returns="language_models.answer",
            since="2 uses httpx2, before it is httpx",
        ),
        methods(
            "cohere.Client",
            "chat chat_stream generate embed rerank classify",
            "cohere.ApiError httpx.HTTPError",
            PEER,
            returns="language_models.answer",
        ),
        call(
            "huggingface_hub.InferenceClient.*",
            "huggingface_hub.HfHubHTTPError",
            PEER,
            returns="language_models.answer",
        ),
        methods("huggingface_hub", "hf_hub_download snapshot_download", "OSError", PEER),
        # A model by the name that somebody gave, in a folder or on the hub.
        call("*.from_pretrained", "OSError", USER, depends_on="0 pretrained_model_name_or_path"),
    ),
    exceptions="""
        ollama.ResponseError ollama.RequestError mistralai.MistralError cohere.ApiError < Exception
        mistralai.SDKError < mistralai.MistralError
        cohere.TooManyRequestsError < cohere.ApiError
        huggingface_hub.HfHubHTTPError < OSError
        huggingface_hub.RepositoryNotFoundError < huggingface_hub.HfHubHTTPError
        google.genai.errors:
        APIError < Exception
        ClientError ServerError < APIError
    """,
    aliases="""
        ollama.AsyncClient = ollama.Client
        mistralai.client.Mistral = mistralai.Mistral
        mistralai.client.errors mistralai.models = mistralai
        cohere.core.api_error.ApiError cohere.core.ApiError = cohere.ApiError
        cohere.errors = cohere
        cohere.ClientV2 cohere.AsyncClient cohere.AsyncClientV2 = cohere.Client
        huggingface_hub.AsyncInferenceClient = huggingface_hub.InferenceClient
        huggingface_hub.errors huggingface_hub.utils = huggingface_hub
        langchain_openai.AzureChatOpenAI = langchain_openai.ChatOpenAI
        ollama._types = ollama
        google.generativeai.generative_models.GenerativeModel = google.generativeai.GenerativeModel
    """,
)

_ANSWERS = library(
    "what a model has written",
    calls=(
        call("language_models.answer.choices", returns="[language_models.choice]"),
        call("language_models.choice.message language_models.choice.delta", returns="language_models.message"),
        call("language_models.answer.message", returns="language_models.message"),
        methods("language_models.message", "content parsed", returns="outside"),
        call("language_models.message.tool_calls", returns="[language_models.tool_call]"),
        call("language_models.tool_call.function.arguments", returns="outside"),
        call("language_models.answer.content", returns="[language_models.block]"),
        methods("language_models.block", "text input", returns="outside"),
        methods("language_models.answer", "text output_text response", returns="outside"),
        call("language_models.choice.text", returns="outside"),
        # As a mapping: answer["choices"][0]["message"]["content"], answer["message"]["content"].
        call("language_models.answer[]", returns="language_models.part"),
        call("language_models.part[]", returns="language_models.inner"),
        call("language_models.inner[]", returns="outside"),
    ),
)

LIBRARIES = (_ANSWERS, _OPENAI, _OPENAI_0, _ANTHROPIC, _GROQ, _OTHERS)
