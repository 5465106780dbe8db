"""Services on the web and devices, by their own clients: Stripe, Twilio, GitHub, Jira, Google Sheets, serial ports."""

from __future__ import annotations

from shipworthy.escape.catalogue.model import PEER, RARE, USER, call, classes, library, methods

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
        call("github.resource.*", "github.GithubException", PEER, returns="github.resource"),
        methods(
            "gitlab.Gitlab",
            "auth projects.get projects.list projects.create groups.get groups.list users.list users.get issues.list "
            "mergerequests.list",
            "gitlab.exceptions.GitlabError",
            PEER,
        ),
        call("jira.JIRA", "jira.JIRAError", PEER, returns="jira.JIRA"),
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
            "get_all_records get_all_values get_values append_row append_rows update update_cell update_cells cell "
            "find row_values col_values delete_rows clear batch_update acell range insert_row",
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

_DEVICES = library(
    "devices",
    calls=(
        call("serial.Serial", "serial.SerialException", USER, returns="serial.Serial"),
        methods("serial.Serial", "read readline read_until", "serial.SerialException", PEER, returns="outside.bytes"),
        methods("serial.Serial", "write open flush", "serial.SerialException", PEER),
        call("netmiko.ConnectHandler", "paramiko.SSHException", PEER),
    ),
    exceptions="""
        serial.SerialException < OSError
        serial.SerialTimeoutException < serial.SerialException
        netmiko.NetmikoTimeoutException < paramiko.SSHException
        netmiko.NetmikoAuthenticationException < paramiko.AuthenticationException
    """,
    aliases="""
        serial.serialutil = serial
        serial.serialposix.Serial = serial.Serial
        netmiko.exceptions = netmiko
        netmiko.NetMikoTimeoutException = netmiko.NetmikoTimeoutException
        netmiko.NetMikoAuthenticationException = netmiko.NetmikoAuthenticationException
    """,
)

LIBRARIES = (_PAYMENTS, _SERVICES, _DEVICES)
