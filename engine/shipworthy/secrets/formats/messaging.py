"""Tokens of chat, mail and telephone services."""

from __future__ import annotations

from shipworthy.model import Severity
from shipworthy.secrets.checksums import discord_token
from shipworthy.secrets.formats.model import Format

_SLACK = "https://api.slack.com/authentication/best-practices"
_SLACK_CODE = ("detect-secrets:slack-token",)
_TWILIO = "https://www.twilio.com/docs/iam/api-keys"
_TWILIO_CODE = ("detect-secrets:twilio-api-key",)

ROWS = (
    Format(
        "slack-token",
        "Slack token",
        r"(?i:xox[abposr]-(?:\d+-)+[a-z0-9]{8,}|xoxe(?:\.xox[bp])?-\d-[a-z0-9]{140,200})",
        "SLACK_TOKEN",
        _SLACK,
        "xoxb-<digit*12>-<digit*12:2>-<alnum*24>",
        ("xoxa-", "xoxb-", "xoxp-", "xoxo-", "xoxs-", "xoxr-", "xoxe-", "xoxe."),
        codes=_SLACK_CODE,
        fixed=5,
    ),
    Format(
        "slack-app-token",
        "Slack app-level token",
        r"xapp-\d-[A-Z0-9]+-\d+-[a-f0-9]{32,}",
        "SLACK_APP_TOKEN",
        _SLACK,
        "xapp-1-A<upper*10>-<digit*13>-<hex*64>",
        ("xapp-",),
        fixed=5,
    ),
    Format(
        "slack-webhook",
        "Slack webhook",
        r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[TE][A-Z0-9]{6,}/[A-Z0-9]{6,}/[A-Za-z0-9/]{20,60}",
        "SLACK_WEBHOOK_URL",
        _SLACK,
        "https://hooks.slack.com/services/T<upper*10>/B<upper*10:2>/<alnum*24>",
        ("https://hooks.slack.com/",),
        codes=_SLACK_CODE,
        fixed=34,
    ),
    Format(
        "discord-bot-token",
        "Discord bot token",
        r"[MNO][A-Za-z\d_-]{23,25}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,38}",
        "DISCORD_TOKEN",
        "https://discord.com/developers/applications",
        codes=("detect-secrets:discord-bot-token",),
        is_valid=discord_token,
        certain=True,
    ),
    Format(
        "discord-webhook",
        "Discord webhook",
        r"https://(?:(?:ptb|canary)\.)?discord(?:app)?\.com/api/webhooks/\d{17,20}/[A-Za-z0-9_-]{60,80}",
        "DISCORD_WEBHOOK_URL",
        "https://support.discord.com/hc/en-us/articles/228383668-Intro-to-Webhooks",
        "https://discord.com/api/webhooks/<digit*19>/<alnum*68>",
        ("https://discord.com/api/webhooks/", "https://discordapp.com/api/webhooks/"),
        fixed=33,
    ),
    Format(
        "telegram-bot-token",
        "Telegram bot token",
        r"\d{8,10}:AA[A-Za-z0-9_-]{33}",
        "TELEGRAM_BOT_TOKEN",
        "https://core.telegram.org/bots/features#botfather",
        "<digit*10>:AA<alnum*33>",
        (":AA",),
        lead=10,
        codes=("detect-secrets:telegram-bot-token",),
    ),
    Format(
        "twilio-api-key",
        "Twilio API key",
        r"SK[a-f0-9]{32}",
        "TWILIO_API_KEY",
        _TWILIO,
        codes=_TWILIO_CODE,
        fixed=2,
    ),
    Format(
        "twilio-account",
        "Twilio account identifier",
        r"AC[a-f0-9]{32}",
        "TWILIO_ACCOUNT_SID",
        _TWILIO,
        codes=_TWILIO_CODE,
        severity=Severity.HINT,
        fixed=2,
    ),
    Format(
        "sendgrid-key",
        "SendGrid API key",
        r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
        "SENDGRID_API_KEY",
        "https://app.sendgrid.com/settings/api_keys",
        "SG.<alnum*22>.<alnum*43>",
        ("SG.",),
        codes=("detect-secrets:sendgrid-api-key",),
        fixed=3,
    ),
    Format(
        "mailchimp-key",
        "Mailchimp API key",
        r"[a-f0-9]{32}-us\d{1,2}",
        "MAILCHIMP_API_KEY",
        "https://mailchimp.com/help/about-api-keys/",
        "<hex*32>-us12",
        ("-us1", "-us2", "-us3", "-us4", "-us5", "-us6", "-us7", "-us8", "-us9"),
        lead=32,
        codes=("detect-secrets:mailchimp-access-key",),
    ),
    Format(
        "brevo-key",
        "Brevo API key",
        r"xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}",
        "BREVO_API_KEY",
        "https://app.brevo.com/settings/keys/api",
        "xkeysib-<hex*64>-<alnum*16>",
        ("xkeysib-",),
        fixed=8,
    ),
)
