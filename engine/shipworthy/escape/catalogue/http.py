"""HTTP clients: requests, httpx, aiohttp, urllib, urllib3 and their kin."""

from __future__ import annotations

from shipworthy.escape.catalogue.model import (
    PEER,
    RARE,
    USER,
    Library,
    but,
    call,
    classes,
    library,
    methods,
    only,
    rather,
)

_VERBS = "get post put delete patch head options request"

_REQUESTS = library(
    "requests",
    calls=(
        methods("requests", _VERBS, "requests.RequestException", PEER, returns="requests.Response"),
        classes("requests.Session"),
        call("requests.session cloudscraper.create_scraper", returns="requests.Session"),
        methods("requests.Session", f"{_VERBS} send", "requests.RequestException", PEER, returns="requests.Response"),
        call("requests.Response.raise_for_status", "requests.HTTPError", PEER),
        call(
            "requests.Response.json",
            "requests.JSONDecodeError",
            PEER,
            returns="outside",
            since="2.27; before, it is a json.JSONDecodeError and no RequestException",
        ),
        methods(
            "requests.Response", "iter_content iter_lines", "requests.RequestException", PEER, returns="outside.bytes"
        ),
        methods("requests.Response", "text headers cookies", returns="outside"),
        call("requests.Response.headers.__getitem__", "KeyError", PEER),
        call("requests.Response.content requests.Response.raw", returns="outside.bytes"),
    ),
    exceptions="""
        requests:
        RequestException < OSError
        HTTPError ConnectionError Timeout URLRequired TooManyRedirects RetryError < RequestException
        ContentDecodingError ChunkedEncodingError InvalidJSONError < RequestException
        JSONDecodeError < InvalidJSONError json.JSONDecodeError
        ConnectTimeout < ConnectionError Timeout
        ReadTimeout < Timeout
        SSLError ProxyError < ConnectionError
        MissingSchema InvalidSchema InvalidURL InvalidHeader < RequestException ValueError
    """,
    aliases="""
        requests.exceptions requests.models requests.sessions requests.api = requests
        requests_cache.CachedSession requests_html.HTMLSession = requests.Session
        requests_oauthlib.OAuth1Session requests_oauthlib.OAuth2Session = requests.Session
    """,
)


def _httpx(name: str) -> Library:
    """httpx, and httpx2, which has the same interface."""
    return library(
        name,
        calls=(
            methods(name, f"{_VERBS} stream", f"{name}.HTTPError", PEER, returns=f"{name}.Response"),
            classes(f"{name}.Client"),
            methods(f"{name}.Client", f"{_VERBS} send stream", f"{name}.HTTPError", PEER, returns=f"{name}.Response"),
            call(f"{name}.Response.raise_for_status", f"{name}.HTTPStatusError", PEER, returns=f"{name}.Response"),
            call(f"{name}.Response.json", "json.JSONDecodeError", PEER, returns="outside"),
            methods(
                f"{name}.Response",
                "read aread iter_bytes iter_text iter_lines iter_raw aiter_bytes aiter_text aiter_lines aiter_raw",
                f"{name}.HTTPError",
                PEER,
                returns="outside",
            ),
            methods(f"{name}.Response", "text headers cookies", returns="outside"),
            call(f"{name}.Response.headers.__getitem__", "KeyError", PEER),
            call(f"{name}.Response.content", returns="outside.bytes"),
        ),
        exceptions=f"""
            {name}:
            HTTPError InvalidURL CookieConflict < Exception
            StreamError < RuntimeError
            RequestError HTTPStatusError < HTTPError
            TransportError DecodingError TooManyRedirects < RequestError
            TimeoutException NetworkError ProtocolError ProxyError UnsupportedProtocol < TransportError
            ConnectTimeout ReadTimeout WriteTimeout PoolTimeout < TimeoutException
            ConnectError ReadError WriteError CloseError < NetworkError
            LocalProtocolError RemoteProtocolError < ProtocolError
        """,
        aliases=f"""
            {name}.AsyncClient = {name}.Client
        """,
    )


_AIOHTTP = library(
    "aiohttp",
    calls=(
        classes("aiohttp.ClientSession"),
        # A total timeout is a plain TimeoutError and no ClientError; it is ordinary where one is asked for, and else
        # comes after five minutes.
        methods(
            "aiohttp.ClientSession",
            _VERBS,
            ("aiohttp.ClientError", only("TimeoutError", "timeout"), rather(RARE, "TimeoutError")),
            PEER,
            returns="aiohttp.ClientResponse",
        ),
        call(
            "aiohttp.request",
            ("aiohttp.ClientError", only("TimeoutError", "timeout"), rather(RARE, "TimeoutError")),
            PEER,
            returns="aiohttp.ClientResponse",
        ),
        call(
            "aiohttp.ClientSession.ws_connect",
            "aiohttp.ClientError",
            PEER,
            returns="aiohttp.ClientWebSocketResponse",
        ),
        call("aiohttp.ClientResponse.raise_for_status", "aiohttp.ClientResponseError", PEER),
        call(
            "aiohttp.ClientResponse.json",
            (
                but("aiohttp.ContentTypeError", "content_type 2", "None"),
                only("json.JSONDecodeError", "content_type 2", "None"),
                rather(RARE, "json.JSONDecodeError"),
            ),
            PEER,
            returns="outside",
        ),
        # The answer has come: its body hardly ever fails after that.
        call(
            "aiohttp.ClientResponse.text",
            ("aiohttp.ClientError", but("UnicodeDecodeError", "1 errors", "replace ignore", USER)),
            RARE,
            returns="outside",
        ),
        call("aiohttp.ClientResponse.read", "aiohttp.ClientError", RARE, returns="outside.bytes"),
        methods("aiohttp.ClientResponse", "headers cookies", returns="outside"),
        call("aiohttp.ClientResponse.headers.__getitem__", "KeyError", PEER),
        methods(
            "aiohttp.ClientWebSocketResponse",
            "send_str send_bytes send_json",
            "aiohttp.ClientConnectionResetError",
            PEER,
            since="3.10; before, it is a ConnectionResetError",
        ),
        call("aiohttp.ClientWebSocketResponse.receive_json", "json.JSONDecodeError TypeError", PEER, returns="outside"),
        methods("aiohttp.ClientWebSocketResponse", "receive_str receive_bytes", "TypeError", PEER, returns="outside"),
        methods("aiohttp.ClientWebSocketResponse", "receive __anext__", returns="aiohttp.WSMessage"),
        call("aiohttp.ClientWebSocketResponse[]", returns="aiohttp.WSMessage"),
        call("aiohttp.WSMessage.json", "json.JSONDecodeError", PEER, returns="outside"),
        call("aiohttp.WSMessage.data", returns="outside"),
    ),
    exceptions="""
        aiohttp:
        ClientError < Exception
        ClientConnectionError ClientResponseError ClientPayloadError NonHttpUrlClientError < ClientError
        InvalidURL < ClientError ValueError
        ContentTypeError TooManyRedirects WSServerHandshakeError < ClientResponseError
        ClientOSError < ClientConnectionError OSError
        ClientConnectionResetError < ClientConnectionError ConnectionResetError
        ClientConnectorError < ClientOSError
        ClientProxyConnectionError ClientSSLError ClientConnectorDNSError < ClientConnectorError
        ClientConnectorSSLError < ClientSSLError ssl.SSLError
        ClientConnectorCertificateError < ClientSSLError ssl.SSLCertVerificationError
        ServerConnectionError < ClientConnectionError
        ServerDisconnectedError < ServerConnectionError
        ServerTimeoutError < ServerConnectionError TimeoutError
        ConnectionTimeoutError SocketTimeoutError < ServerTimeoutError
    """,
    aliases="""
        aiohttp.client_exceptions aiohttp.client aiohttp.client_reqrep aiohttp.client_ws = aiohttp
        aiohttp.http_exceptions aiohttp.http_websocket = aiohttp
        aiohttp_retry.RetryClient = aiohttp.ClientSession
    """,
)

_URLLIB = library(
    "urllib",
    calls=(
        methods(
            "urllib.request",
            "urlopen OpenerDirector.open",
            "urllib.error.URLError",
            PEER,
            returns="http.client.HTTPResponse",
        ),
        call("urllib.request.urlretrieve", "urllib.error.URLError", PEER),
        call("urllib.request.build_opener", returns="urllib.request.OpenerDirector"),
        classes("http.client.HTTPConnection"),
        methods("http.client.HTTPConnection", "connect request send endheaders", "OSError", PEER),
        call(
            "http.client.HTTPConnection.getresponse",
            "OSError http.client.HTTPException",
            PEER,
            returns="http.client.HTTPResponse",
        ),
        methods(
            "http.client.HTTPResponse",
            "read readline readlines read1 __iter__",
            "OSError",
            RARE,
            returns="outside.bytes",
        ),
        call("http.client.HTTPResponse[]", returns="outside.bytes"),
        classes("urllib.robotparser.RobotFileParser"),
        call("urllib.robotparser.RobotFileParser.read", "urllib.error.URLError", PEER),
        methods("http.client.HTTPResponse", "headers getheader getheaders info", returns="outside"),
    ),
    exceptions="""
        urllib.error:
        URLError < OSError
        HTTPError ContentTooShortError < URLError
        http.client:
        HTTPException < Exception
        BadStatusLine IncompleteRead InvalidURL CannotSendRequest ResponseNotReady < HTTPException
        RemoteDisconnected < ConnectionResetError BadStatusLine
    """,
    aliases="""
        http.client.HTTPSConnection = http.client.HTTPConnection
        urllib.request.URLError urllib2.URLError = urllib.error.URLError
        urllib.request.HTTPError urllib2.HTTPError = urllib.error.HTTPError
        urllib2.urlopen = urllib.request.urlopen
        httplib = http.client
    """,
)

_URLLIB3 = library(
    "urllib3",
    calls=(
        classes("urllib3.PoolManager urllib3.HTTPConnectionPool"),
        methods(
            "urllib3",
            "request PoolManager.request PoolManager.urlopen HTTPConnectionPool.request HTTPConnectionPool.urlopen",
            "urllib3.exceptions.HTTPError",
            PEER,
            returns="urllib3.HTTPResponse",
        ),
        call("urllib3.HTTPResponse.json", "json.JSONDecodeError", PEER, returns="outside", since="2.0"),
        methods("urllib3.HTTPResponse", "read stream", "urllib3.exceptions.HTTPError", RARE, returns="outside"),
        methods("urllib3.HTTPResponse", "data headers", returns="outside"),
        call("urllib3.HTTPResponse.headers.__getitem__", "KeyError", PEER),
    ),
    exceptions="""
        urllib3.exceptions:
        HTTPError < Exception
        PoolError SSLError ProxyError DecodeError ProtocolError TimeoutError ResponseError < HTTPError
        RequestError < PoolError
        MaxRetryError < RequestError
        ReadTimeoutError < TimeoutError RequestError
        ConnectTimeoutError < TimeoutError
        NewConnectionError < ConnectTimeoutError
        NameResolutionError < NewConnectionError
        LocationValueError < ValueError HTTPError
        LocationParseError < LocationValueError
        IncompleteRead < HTTPError http.client.IncompleteRead
    """,
    aliases="""
        urllib3.exceptions.ConnectionError = urllib3.exceptions.ProtocolError
        urllib3.HTTPSConnectionPool urllib3.connectionpool.HTTPSConnectionPool = urllib3.HTTPConnectionPool
        urllib3.ProxyManager = urllib3.PoolManager
        urllib3.connectionpool urllib3.poolmanager urllib3.response = urllib3
        requests.packages.urllib3 botocore.vendored.requests.packages.urllib3 = urllib3
    """,
)

_OTHERS = library(
    "further HTTP clients",
    calls=(
        classes("httplib2.Http"),
        call("httplib2.Http.request", "httplib2.HttpLib2Error OSError", PEER),
        methods("curl_cffi.requests", _VERBS, "curl_cffi.requests.exceptions.RequestException", PEER),
        classes("curl_cffi.requests.Session pycurl.Curl"),
        methods("curl_cffi.requests.Session", _VERBS, "curl_cffi.requests.exceptions.RequestException", PEER),
        call("pycurl.Curl.perform", "pycurl.error", PEER),
        call("geopy.geocoders.Nominatim.geocode geopy.geocoders.Nominatim.reverse", "geopy.exc.GeopyError", PEER),
        classes("geopy.geocoders.Nominatim"),
        call(
            "tornado.httpclient.AsyncHTTPClient.fetch",
            "tornado.httpclient.HTTPClientError OSError",
            PEER,
            returns="tornado.httpclient.HTTPResponse",
        ),
        call("tornado.httpclient.HTTPResponse.body", returns="outside.bytes"),
        classes("tornado.httpclient.AsyncHTTPClient"),
    ),
    exceptions="""
        pycurl.error tornado.httpclient.HTTPClientError < Exception
        httplib2:
        HttpLib2Error < Exception
        ServerNotFoundError RelativeURIError < HttpLib2Error
        geopy.exc:
        GeopyError < Exception
        GeocoderServiceError < GeopyError
        GeocoderTimedOut < GeocoderServiceError TimeoutError
        GeocoderUnavailable < GeocoderServiceError OSError
        GeocoderQuotaExceeded < GeocoderServiceError
        curl_cffi.requests.exceptions:
        RequestException < OSError
        HTTPError ConnectionError Timeout < RequestException
    """,
    aliases="""
        curl_cffi.requests.errors.RequestsError = curl_cffi.requests.exceptions.RequestException
        curl_cffi.requests.AsyncSession = curl_cffi.requests.Session
        httplib2.error = httplib2
        tornado.httpclient.HTTPClient = tornado.httpclient.AsyncHTTPClient
        tornado.httpclient.HTTPError = tornado.httpclient.HTTPClientError
        geopy.Nominatim = geopy.geocoders.Nominatim
    """,
)

LIBRARIES = (_REQUESTS, _httpx("httpx"), _httpx("httpx2"), _AIOHTTP, _URLLIB, _URLLIB3, _OTHERS)
