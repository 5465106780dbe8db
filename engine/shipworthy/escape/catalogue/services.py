"""Services on the web by their own clients: Stripe, Twilio, GitHub, Jira, Google Sheets, Supabase, exchanges."""

from __future__ import annotations

from shipworthy.escape.catalogue.model import PEER, RARE, but, call, classes, library, methods

_STRIPE = (
    "Charge Customer PaymentIntent PaymentMethod SetupIntent Subscription Invoice InvoiceItem Refund Product Price "
    "Plan Coupon Account Transfer Payout checkout.Session"
)

_PAYMENTS = library(
    "stripe",
    calls=(
        *(
            methods(f"stripe.{thing}", "create retrieve modify list", "stripe.StripeError", PEER)
            for thing in _STRIPE.split()
        ),
        methods(
            "stripe",
            "PaymentIntent.confirm PaymentIntent.capture PaymentIntent.cancel SetupIntent.confirm SetupIntent.cancel "
            "Charge.capture PaymentMethod.attach PaymentMethod.detach Subscription.cancel Subscription.delete "
            "Customer.delete Product.delete Token.create Token.retrieve Source.create Source.retrieve Event.retrieve "
            "Event.list Invoice.pay Invoice.finalize_invoice billing_portal.Session.create",
            "stripe.StripeError",
            PEER,
        ),
        call("stripe.Webhook.construct_event", "stripe.SignatureVerificationError", PEER),
    ),
    exceptions="""
        stripe:
        StripeError < Exception
        APIError APIConnectionError CardError InvalidRequestError AuthenticationError < StripeError
        PermissionError RateLimitError IdempotencyError SignatureVerificationError < StripeError
    """,
    aliases="""
        stripe.error stripe._error = stripe
    """,
)

_SERVICES = library(
    "services",
    calls=(
        classes("twilio.rest.Client sendgrid.SendGridAPIClient github.Github gitlab.Gitlab spotipy.Spotify"),
        methods(
            "twilio.rest.Client",
            "messages.create messages.list calls.create",
            "twilio.base.exceptions.TwilioException",
            PEER,
        ),
        call("sendgrid.SendGridAPIClient.send", "python_http_client.exceptions.HTTPError", PEER),
        methods(
            "github.Github",
            "get_repo get_user get_organization",
            "github.GithubException",
            PEER,
            returns="github.resource",
        ),
        call("github.Github.search_repositories github.Github.search_issues", "github.GithubException", PEER),
        # Lists are asked for when somebody goes over them.
        methods(
            "github.resource",
            "get_branches get_comments get_commits get_contributors get_events get_files get_issues get_labels "
            "get_milestones get_pulls get_releases get_repos get_reviews get_tags",
            returns="github.resource",
        ),
        call("github.resource.*", "github.GithubException", PEER, returns="github.resource"),
        methods(
            "gitlab.Gitlab",
            "auth projects.get projects.list projects.create groups.get groups.list users.list users.get issues.list "
            "mergerequests.list",
            "gitlab.exceptions.GitlabError",
            PEER,
        ),
        # It asks the server about itself, unless it is told not to.
        call("jira.JIRA", but("jira.JIRAError", "get_server_info", "False"), PEER, returns="jira.JIRA"),
        methods(
            "jira.JIRA",
            "issue create_issue search_issues add_comment transition_issue projects project transitions assign_issue "
            "add_attachment myself create_issue_link",
            "jira.JIRAError",
            PEER,
        ),
        methods("gspread", "service_account oauth authorize", "OSError", RARE, returns="gspread.Client"),
        methods(
            "gspread.Client",
            "open open_by_key open_by_url create",
            "gspread.exceptions.GSpreadException",
            PEER,
            returns="gspread.Spreadsheet",
        ),
        methods(
            "gspread.Spreadsheet",
            "worksheet get_worksheet add_worksheet",
            "gspread.exceptions.GSpreadException",
            PEER,
            returns="gspread.Worksheet",
        ),
        call("gspread.Spreadsheet.sheet1", returns="gspread.Worksheet"),
        methods(
            "gspread.Worksheet",
            "get_all_records get_all_values get_values row_values col_values",
            "gspread.exceptions.GSpreadException",
            PEER,
            returns="outside",
        ),
        methods(
            "gspread.Worksheet",
            "append_row append_rows update update_cell update_cells cell "
            "find delete_rows clear batch_update acell range insert_row",
            "gspread.exceptions.GSpreadException",
            PEER,
        ),
        methods(
            "spotipy.Spotify",
            "search track tracks album artist playlist user_playlists current_user current_user_playlists "
            "start_playback pause_playback playlist_tracks playlist_items current_playback next_track",
            "spotipy.SpotifyException",
            PEER,
        ),
        classes("notion_client.Client"),
        methods(
            "notion_client.Client",
            "pages.create pages.update pages.retrieve databases.query databases.retrieve blocks.children.list "
            "blocks.children.append users.list",
            "notion_client.APIResponseError",
            PEER,
        ),
        methods(
            "wikipedia",
            "page summary",
            "wikipedia.exceptions.WikipediaException",
            PEER,
            depends_on="0 title",
        ),
        call("dns.resolver.resolve dns.resolver.query dns.asyncresolver.resolve", "dns.exception.DNSException", PEER),
        classes("dns.resolver.Resolver"),
        call("dns.resolver.Resolver.resolve dns.resolver.Resolver.query", "dns.exception.DNSException", PEER),
    ),
    exceptions="""
        twilio.base.exceptions.TwilioException python_http_client.exceptions.HTTPError < Exception
        jira.JIRAError spotipy.exceptions.SpotifyBaseException dns.exception.DNSException < Exception
        notion_client.errors.NotionClientErrorBase < Exception
        twilio.base.exceptions.TwilioRestException < twilio.base.exceptions.TwilioException
        dns.exception.Timeout < dns.exception.DNSException
        notion_client.errors.HTTPResponseError < notion_client.errors.NotionClientErrorBase
        spotipy.SpotifyException < spotipy.exceptions.SpotifyBaseException
        notion_client.APIResponseError < notion_client.errors.HTTPResponseError
        github:
        GithubException < Exception
        UnknownObjectException BadCredentialsException RateLimitExceededException < GithubException
        gitlab.exceptions:
        GitlabError < Exception
        GitlabHttpError GitlabAuthenticationError GitlabConnectionError GitlabOperationError < GitlabError
        GitlabGetError GitlabCreateError < GitlabOperationError
        gspread.exceptions:
        GSpreadException < Exception
        APIError SpreadsheetNotFound WorksheetNotFound < GSpreadException
        wikipedia.exceptions:
        WikipediaException < Exception
        PageError DisambiguationError < WikipediaException
        dns.resolver:
        NXDOMAIN NoAnswer NoNameservers < dns.exception.DNSException
    """,
    aliases="""
        sendgrid.sendgrid.SendGridAPIClient = sendgrid.SendGridAPIClient
        github.GithubException.GithubException = github.GithubException
        github.GithubException.UnknownObjectException = github.UnknownObjectException
        github.GithubException.RateLimitExceededException = github.RateLimitExceededException
        github.MainClass.Github = github.Github
        github.Repository.Repository = github.resource
        gitlab.GitlabError = gitlab.exceptions.GitlabError
        gitlab.GitlabGetError = gitlab.exceptions.GitlabGetError
        gitlab.GitlabAuthenticationError = gitlab.exceptions.GitlabAuthenticationError
        jira.exceptions.JIRAError = jira.JIRAError
        jira.client.JIRA = jira.JIRA
        gspread.SpreadsheetNotFound = gspread.exceptions.SpreadsheetNotFound
        gspread.WorksheetNotFound = gspread.exceptions.WorksheetNotFound
        gspread.client.Client = gspread.Client
        spotipy.exceptions.SpotifyException = spotipy.SpotifyException
        notion_client.errors.APIResponseError = notion_client.APIResponseError
        notion_client.AsyncClient = notion_client.Client
        wikipedia.PageError = wikipedia.exceptions.PageError
        wikipedia.DisambiguationError = wikipedia.exceptions.DisambiguationError
        dns.resolver.Timeout dns.resolver.LifetimeTimeout = dns.exception.Timeout
    """,
)

_STORAGE = library(
    "files, tables and functions of others",
    calls=(
        classes("dropbox.Dropbox"),
        call("dropbox.Dropbox.*", "dropbox.exceptions.DropboxException requests.RequestException", PEER),
        call("supabase.create_client", returns="supabase.Client"),
        methods("supabase.Client", "table from_ rpc", returns="supabase.Query"),
        call("supabase.Query.*", returns="supabase.Query"),
        call("supabase.Query.execute", "postgrest.exceptions.APIError httpx.HTTPError", PEER),
        methods(
            "supabase.Client",
            "auth.sign_in_with_password auth.sign_up auth.get_user auth.sign_out auth.refresh_session",
            "supabase_auth.errors.AuthError httpx.HTTPError",
            PEER,
        ),
        call("supabase.Client.storage.from_", returns="supabase.Bucket"),
        methods("supabase.Bucket", "upload download remove list", "storage3.exceptions.StorageApiError", PEER),
        call(
            "simple_salesforce.Salesforce",
            "simple_salesforce.exceptions.SalesforceError requests.RequestException",
            PEER,
            returns="simple_salesforce.Salesforce",
        ),
        methods(
            "simple_salesforce.Salesforce",
            "query query_all query_more apexecute restful search",
            "simple_salesforce.exceptions.SalesforceError requests.RequestException",
            PEER,
        ),
        # It fetches the description of the service at once.
        call("zeep.Client", "requests.RequestException zeep.exceptions.Error", PEER, returns="zeep.Client"),
        call("zeep.Client.service.*", "zeep.exceptions.Error requests.RequestException", PEER),
        classes("gql.Client"),
        methods("gql.Client", "execute execute_async", "gql.transport.exceptions.TransportError OSError", PEER),
    ),
    exceptions="""
        postgrest.exceptions.APIError supabase_auth.errors.AuthError storage3.exceptions.StorageApiError < Exception
        supabase_auth.errors.AuthApiError < supabase_auth.errors.AuthError
        dropbox.exceptions:
        DropboxException < Exception
        ApiError HttpError < DropboxException
        AuthError < HttpError
        simple_salesforce.exceptions:
        SalesforceError < Exception
        SalesforceMalformedRequest SalesforceAuthenticationFailed SalesforceExpiredSession < SalesforceError
        SalesforceResourceNotFound < SalesforceError
        zeep.exceptions:
        Error < Exception
        Fault TransportError ValidationError < Error
        gql.transport.exceptions:
        TransportError < Exception
        TransportQueryError TransportServerError TransportProtocolError < TransportError
    """,
    aliases="""
        supabase.AsyncClient = supabase.Client
        supabase.acreate_client = supabase.create_client
        supabase.AuthApiError = supabase_auth.errors.AuthApiError
        postgrest.APIError = postgrest.exceptions.APIError
        gotrue.errors = supabase_auth.errors
        zeep.AsyncClient = zeep.Client
        simple_salesforce.SalesforceMalformedRequest = simple_salesforce.exceptions.SalesforceMalformedRequest
    """,
)

_TRADING = library(
    "exchanges",
    calls=(
        # Every exchange is a class of its own, with the same methods.
        call("ccxt.*", returns="ccxt.Exchange"),
        methods(
            "ccxt.Exchange",
            "load_markets fetch_ticker fetch_tickers fetch_ohlcv fetch_order_book fetch_trades fetch_balance "
            "fetch_order fetch_orders fetch_open_orders fetch_my_trades fetch_markets fetch_positions create_order "
            "create_limit_buy_order create_limit_sell_order create_market_buy_order create_market_sell_order "
            "cancel_order cancel_all_orders set_leverage",
            "ccxt.BaseError",
            PEER,
        ),
        call(
            "binance.Client",
            "binance.exceptions.BinanceAPIException requests.RequestException",
            PEER,
            returns="binance.Client",
        ),
        call("binance.Client.*", "binance.exceptions.BinanceAPIException requests.RequestException", PEER),
    ),
    exceptions="""
        binance.exceptions.BinanceAPIException binance.exceptions.BinanceRequestException < Exception
        binance.exceptions.BinanceOrderException < Exception
        ccxt:
        BaseError < Exception
        ExchangeError OperationFailed < BaseError
        NetworkError < OperationFailed
        RequestTimeout ExchangeNotAvailable RateLimitExceeded DDoSProtection < NetworkError
        InsufficientFunds InvalidOrder AuthenticationError BadRequest < ExchangeError
        OrderNotFound < InvalidOrder
    """,
    aliases="""
        ccxt.async_support ccxt.pro ccxt.base.errors = ccxt
        binance.client.Client binance.AsyncClient = binance.Client
        binance.exceptions.BinanceOrderMinAmountException = binance.exceptions.BinanceOrderException
    """,
)

LIBRARIES = (_PAYMENTS, _SERVICES, _STORAGE, _TRADING)
