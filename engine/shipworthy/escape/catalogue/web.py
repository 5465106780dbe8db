"""Web frameworks and browsers: what a request holds, templates, Selenium, Playwright."""

from __future__ import annotations

from shipworthy.escape.catalogue.model import PEER, RARE, USER, call, classes, library, methods, rather

ROUTERS = (
    "aiohttp.web.RouteTableDef bottle.Bottle fastapi.APIRouter fastapi.FastAPI flask.Blueprint flask.Flask "
    "litestar.Router ninja.NinjaAPI ninja.Router quart.Blueprint quart.Quart sanic.Blueprint sanic.Sanic"
)
"""Types whose decorators make views: of which framework those are they tell, and nothing else."""

_FRAMEWORKS = library(
    "web frameworks",
    calls=(
        # Neither Starlette nor aiohttp turns a body that does not parse into an answer of 400.
        call("starlette.requests.Request.json", "json.JSONDecodeError", PEER, returns="outside"),
        methods("starlette.requests.Request", "body form stream", returns="outside"),
        methods(
            "starlette.requests.Request",
            "query_params path_params headers cookies",
            returns="outside",
        ),
        call("aiohttp.web.Request.json", "json.JSONDecodeError", PEER, returns="outside"),
        methods("aiohttp.web.Request", "text read post query match_info headers cookies", returns="outside"),
        methods("aiohttp.web.WebSocketResponse", "send_str send_bytes send_json", "ConnectionError", PEER),
        call("aiohttp.web.WebSocketResponse.receive_json", "json.JSONDecodeError TypeError", PEER, returns="outside"),
        classes("aiohttp.web.WebSocketResponse"),
        call("aiohttp.web.WebSocketResponse[]", returns="aiohttp.WSMessage"),
        # A missing argument of Tornado is its own answer of 400; one that does not parse is not.
        methods(
            "tornado.web.RequestHandler",
            "get_argument get_arguments get_query_argument get_query_arguments get_body_argument get_body_arguments "
            "get_cookie path_args path_kwargs",
            returns="outside",
        ),
        call("tornado.web.RequestHandler.request.body", returns="outside.sent"),
        methods("tornado.web.RequestHandler", "request.arguments request.headers request.files", returns="outside"),
        call("tornado.websocket.WebSocketHandler.write_message", "tornado.websocket.WebSocketClosedError", PEER),
        call(
            "tornado.websocket.websocket_connect",
            ("OSError", "tornado.httpclient.HTTPClientError", rather(RARE, "tornado.websocket.WebSocketError")),
            PEER,
            returns="tornado.websocket.WebSocketClientConnection",
        ),
        call("tornado.websocket.WebSocketClientConnection.read_message", returns="outside"),
        methods("sanic.Request", "args form query_args headers cookies", returns="outside"),
        call("sanic.Request.json", returns="outside"),
        methods("falcon.Request", "params media get_param get_media headers cookies", returns="outside"),
        call("falcon.Request.bounded_stream.read falcon.Request.stream.read", returns="outside.sent"),
        # Unlike send_from_directory, it does not answer 404.
        call("flask.send_file", "FileNotFoundError", PEER, depends_on="0 path_or_file"),
        call("jinja2.Environment", returns="jinja2.Environment"),
        call(
            "jinja2.Environment.get_template jinja2.Environment.select_template",
            "jinja2.TemplateNotFound",
            PEER,
            depends_on="0 name",
            returns="jinja2.Template",
        ),
        call(
            "jinja2.Environment.from_string jinja2.Template",
            "jinja2.TemplateSyntaxError",
            USER,
            "0 source",
            "jinja2.Template",
        ),
        call("jinja2.Template.render", "jinja2.UndefinedError", RARE),
        call("fastapi.UploadFile.read fastapi.UploadFile.file.read", returns="outside.sent"),
        classes("django.views.View rest_framework.views.APIView"),
        classes(ROUTERS),
        methods("django.views.View", "request.GET request.POST request.FILES request.body", returns="outside"),
        methods(
            "rest_framework.views.APIView",
            "request.query_params request.data request.GET request.POST request.FILES",
            returns="outside",
        ),
    ),
    exceptions="""
        tornado.websocket.WebSocketError < Exception
        tornado.websocket.WebSocketClosedError < tornado.websocket.WebSocketError
        tornado.iostream.StreamClosedError < OSError
        django.utils.datastructures.MultiValueDictKeyError < KeyError
        jinja2:
        TemplateError < Exception
        TemplateNotFound < OSError LookupError TemplateError
        TemplateSyntaxError TemplateRuntimeError < TemplateError
        UndefinedError < TemplateRuntimeError
    """,
    aliases="""
        fastapi.Request fastapi.requests.Request = starlette.requests.Request
        aiohttp.web_request.Request = aiohttp.web.Request
        sanic.request.Request sanic.request.types.Request = sanic.Request
        falcon.asgi.Request falcon.request.Request = falcon.Request
        quart.send_file = flask.send_file
        starlette.datastructures.UploadFile = fastapi.UploadFile
        jinja2.exceptions jinja2.environment = jinja2
        rest_framework.viewsets.ViewSet rest_framework.viewsets.GenericViewSet = rest_framework.views.APIView
        rest_framework.viewsets.ModelViewSet rest_framework.viewsets.ReadOnlyModelViewSet = rest_framework.views.APIView
        rest_framework.generics.GenericAPIView rest_framework.generics.ListAPIView = rest_framework.views.APIView
        rest_framework.generics.CreateAPIView rest_framework.generics.RetrieveAPIView = rest_framework.views.APIView
        rest_framework.generics.UpdateAPIView rest_framework.generics.DestroyAPIView = rest_framework.views.APIView
        rest_framework.generics.ListCreateAPIView = rest_framework.views.APIView
        rest_framework.generics.RetrieveUpdateAPIView = rest_framework.views.APIView
        rest_framework.generics.RetrieveDestroyAPIView = rest_framework.views.APIView
        rest_framework.generics.RetrieveUpdateDestroyAPIView = rest_framework.views.APIView
        django.views.generic.View django.views.generic.base.View django.views.generic.TemplateView = django.views.View
        django.views.generic.ListView django.views.generic.DetailView django.views.generic.FormView = django.views.View
        django.views.generic.CreateView django.views.generic.UpdateView = django.views.View
        django.views.generic.DeleteView django.views.generic.RedirectView = django.views.View
        jinja2.sandbox.SandboxedEnvironment = jinja2.Environment
    """,
)

_DRIVER = "selenium.webdriver.remote.webdriver.WebDriver"
_ELEMENT = "selenium.webdriver.remote.webelement.WebElement"

_SELENIUM = library(
    "selenium",
    calls=(
        methods(
            "selenium.webdriver",
            "Chrome Firefox Edge Safari Remote Ie",
            "selenium.common.exceptions.WebDriverException",
            USER,
            returns=_DRIVER,
        ),
        methods(_DRIVER, "get refresh back forward", "selenium.common.exceptions.WebDriverException", PEER),
        methods(
            _DRIVER,
            "find_element find_element_by_id find_element_by_xpath find_element_by_name find_element_by_class_name "
            "find_element_by_css_selector find_element_by_link_text find_element_by_tag_name",
            "selenium.common.exceptions.NoSuchElementException",
            PEER,
            returns=_ELEMENT,
        ),
        call(f"{_DRIVER}.find_elements", returns=f"[{_ELEMENT}]"),
        call(f"{_DRIVER}.execute_script", "selenium.common.exceptions.JavascriptException", PEER),
        call(
            f"{_DRIVER}.switch_to.alert {_DRIVER}.switch_to.frame",
            "selenium.common.exceptions.WebDriverException",
            PEER,
        ),
        methods(_ELEMENT, "click send_keys clear submit", "selenium.common.exceptions.WebDriverException", PEER),
        call(f"{_ELEMENT}.find_element", "selenium.common.exceptions.NoSuchElementException", PEER, returns=_ELEMENT),
        classes("selenium.webdriver.support.ui.WebDriverWait"),
        methods(
            "selenium.webdriver.support.ui.WebDriverWait",
            "until until_not",
            "selenium.common.exceptions.TimeoutException",
            PEER,
            returns=_ELEMENT,
        ),
    ),
    exceptions="""
        selenium.common.exceptions:
        WebDriverException < Exception
        NoSuchElementException TimeoutException StaleElementReferenceException < WebDriverException
        JavascriptException ElementClickInterceptedException InvalidElementStateException < WebDriverException
        SessionNotCreatedException NoAlertPresentException InvalidSwitchToTargetException < WebDriverException
        NoSuchWindowException NoSuchFrameException < InvalidSwitchToTargetException
        ElementNotInteractableException < InvalidElementStateException
    """,
    aliases=f"""
        selenium.common.NoSuchElementException = selenium.common.exceptions.NoSuchElementException
        selenium.common.TimeoutException = selenium.common.exceptions.TimeoutException
        selenium.common.WebDriverException = selenium.common.exceptions.WebDriverException
        selenium.webdriver.support.wait.WebDriverWait = selenium.webdriver.support.ui.WebDriverWait
        undetected_chromedriver.Chrome seleniumwire.webdriver.Chrome = selenium.webdriver.Chrome
        selenium.webdriver.chrome.webdriver.WebDriver = {_DRIVER}
    """,
)

_PLAYWRIGHT = library(
    "playwright",
    calls=(
        # In truth a context manager that gives one.
        call(
            "playwright.sync_api.sync_playwright playwright.sync_api.Playwright.start",
            returns="playwright.sync_api.Playwright",
        ),
        methods(
            "playwright.sync_api.Playwright",
            "chromium.launch firefox.launch webkit.launch chromium.connect chromium.connect_over_cdp",
            "playwright.sync_api.Error",
            PEER,
            returns="playwright.sync_api.Browser",
        ),
        call(
            "playwright.sync_api.Playwright.chromium.launch_persistent_context",
            returns="playwright.sync_api.BrowserContext",
        ),
        call("playwright.sync_api.Browser.new_context", returns="playwright.sync_api.BrowserContext"),
        call(
            "playwright.sync_api.Browser.new_page playwright.sync_api.BrowserContext.new_page",
            returns="playwright.sync_api.Page",
        ),
        methods(
            "playwright.sync_api.Page",
            "goto reload click dblclick fill type press check hover select_option wait_for_selector wait_for_url "
            "wait_for_load_state wait_for_function inner_text inner_html text_content get_attribute set_input_files "
            "go_back screenshot evaluate",
            "playwright.sync_api.Error",
            PEER,
        ),
        methods(
            "playwright.sync_api.Page",
            "locator get_by_text get_by_role get_by_label get_by_placeholder get_by_test_id",
            returns="playwright.sync_api.Locator",
        ),
        methods(
            "playwright.sync_api.Locator",
            "click dblclick fill type press check hover wait_for inner_text inner_html text_content get_attribute "
            "select_option set_input_files press_sequentially input_value",
            "playwright.sync_api.Error",
            PEER,
        ),
        methods("playwright.sync_api.Locator", "first last nth locator", returns="playwright.sync_api.Locator"),
    ),
    exceptions="""
        playwright.sync_api.Error < Exception
        playwright.sync_api.TimeoutError < playwright.sync_api.Error
    """,
    aliases="""
        playwright.async_api.async_playwright = playwright.sync_api.sync_playwright
        playwright.async_api playwright._impl._errors playwright._impl._api_types = playwright.sync_api
    """,
)

LIBRARIES = (_FRAMEWORKS, _SELENIUM, _PLAYWRIGHT)
