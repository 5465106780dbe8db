"""Bots and social networks: Discord, Telegram, Slack, Twitter, Reddit, Mastodon."""

from __future__ import annotations

from shipworthy.escape.catalogue.model import PEER, RARE, USER, call, classes, library, methods, only

_SENDS = (
    "send_message send_photo send_document send_video send_audio send_voice send_animation send_sticker "
    "send_media_group send_location send_poll forward_message copy_message edit_message_text "
    "edit_message_reply_markup delete_message pin_chat_message get_chat get_chat_member get_file "
    "answer_callback_query ban_chat_member restrict_chat_member"
)

_DISCORD = library(
    "discord",
    calls=(
        call("discord.Client.run", "discord.LoginFailure", RARE),
        classes("discord.Client"),
        # Private messages may be closed, members may stand higher, messages may be gone.
        methods(
            "discord.Member",
            "send ban kick edit add_roles remove_roles timeout move_to",
            "discord.HTTPException",
            PEER,
        ),
        call("discord.User.send", "discord.HTTPException", PEER),
        methods(
            "discord.Guild",
            "ban kick unban fetch_member create_role create_text_channel",
            "discord.HTTPException",
            PEER,
        ),
        call("discord.Client.fetch_user", "discord.HTTPException", PEER, returns="discord.User"),
        call("discord.Client.fetch_channel", "discord.HTTPException", PEER, returns="discord.TextChannel"),
        call("discord.Client.fetch_guild", "discord.HTTPException", PEER, returns="discord.Guild"),
        call("discord.Client.wait_for", only("TimeoutError", "timeout"), PEER, returns="discord.Message"),
        methods("discord.Message", "content clean_content", returns="outside"),
        call("discord.Client.get_user", returns="discord.User"),
        call("discord.Client.get_guild", returns="discord.Guild"),
        call("discord.Client.get_channel discord.Guild.get_channel", returns="discord.TextChannel"),
        call("discord.Guild.get_member", returns="discord.Member"),
        methods("discord.TextChannel", "fetch_message purge delete_messages", "discord.HTTPException", PEER),
        # Where somebody has written, an answer is ordinary to arrive; loops write where nobody has.
        methods("discord.TextChannel", "send edit", "discord.HTTPException", USER),
        call(
            "discord.ext.commands.Context.channel discord.Message.channel discord.Interaction.channel",
            returns="discord.TextChannel",
        ),
        call("discord.Guild.text_channels", returns="[discord.TextChannel]"),
        call("discord.Client.guilds", returns="[discord.Guild]"),
        call("discord.Guild.members discord.TextChannel.members", returns="[discord.Member]"),
        methods("discord.Message", "reactions attachments", returns="[outside]"),
        call("discord.Message.author discord.ext.commands.Context.author", returns="discord.Member"),
        call("discord.Interaction.user", returns="discord.Member"),
        call("discord.ext.commands.Context.guild discord.Message.guild", returns="discord.Guild"),
        methods("discord.Message", "delete add_reaction edit reply pin", "discord.HTTPException", RARE),
        methods("discord.ext.commands.Context", "send reply defer", "discord.HTTPException", RARE),
        call("discord.VoiceChannel.connect", "discord.ClientException TimeoutError", PEER),
        methods(
            "discord.Interaction",
            "response.send_message response.defer response.edit_message response.send_modal followup.send "
            "edit_original_response",
            "discord.HTTPException",
            RARE,
        ),
        methods("discord.Webhook", "send", "discord.HTTPException", PEER),
        call("discord.Webhook.from_url", "ValueError", RARE, returns="discord.Webhook"),
    ),
    exceptions="""
        discord:
        DiscordException < Exception
        HTTPException ClientException GatewayNotFound < DiscordException
        Forbidden NotFound DiscordServerError < HTTPException
        LoginFailure ConnectionClosed PrivilegedIntentsRequired InteractionResponded < ClientException
        discord.ext.commands:
        CommandError < discord.DiscordException
        CheckFailure UserInputError CommandInvokeError CommandNotFound CommandOnCooldown < CommandError
        MissingPermissions < CheckFailure
        BadArgument MissingRequiredArgument < UserInputError
    """,
    aliases="""
        discord.errors = discord
        discord.ext.commands.errors = discord.ext.commands
        discord.ext.commands.Bot discord.ext.commands.AutoShardedBot = discord.Client
        discord.Bot discord.AutoShardedClient = discord.Client
        discord.Thread discord.DMChannel discord.abc.Messageable = discord.TextChannel
        discord.SyncWebhook = discord.Webhook
        nextcord disnake = discord
    """,
)

_TELEGRAM = library(
    "Telegram",
    calls=(
        classes("telegram.Bot aiogram.Bot telebot.TeleBot telethon.TelegramClient pyrogram.Client"),
        methods(
            "telethon.TelegramClient",
            "send_message send_file get_entity get_messages get_participants download_media forward_messages "
            "delete_messages edit_message sign_in send_code_request",
            "telethon.errors.RPCError",
            PEER,
        ),
        methods(
            "pyrogram.Client",
            "send_message send_photo send_document send_video send_audio send_media_group forward_messages "
            "edit_message_text delete_messages get_users get_chat get_chat_member get_chat_history join_chat "
            "leave_chat ban_chat_member download_media",
            "pyrogram.errors.RPCError",
            PEER,
        ),
        methods("telegram.Bot", f"{_SENDS} get_me get_updates set_webhook", "telegram.error.TelegramError", PEER),
        # Its own handlers are guarded by the application, which logs.
        methods(
            "telegram.Message",
            "reply_text reply_photo reply_document reply_html reply_markdown reply_video reply_audio reply_voice "
            "reply_media_group edit_text delete",
            "telegram.error.TelegramError",
            RARE,
        ),
        # Files are big and come from another server: time runs out on them every week.
        call(
            "telegram.PhotoSize.get_file telegram.ChatPhoto.get_big_file telegram.ChatPhoto.get_small_file",
            "telegram.error.TelegramError",
            PEER,
            returns="telegram.File",
        ),
        methods(
            "telegram.File",
            "download download_to_drive download_to_memory download_as_bytearray",
            "telegram.error.TelegramError",
            PEER,
        ),
        call("telegram.Update.message telegram.Update.effective_message", returns="telegram.Message"),
        call("telegram.Message.photo", returns="[telegram.PhotoSize]"),
        methods("telegram.Message", "document video audio voice animation sticker", returns="telegram.PhotoSize"),
        call("telegram.ext.CallbackContext.args", returns="outside"),
        methods("telegram.CallbackQuery", "answer edit_message_text", "telegram.error.TelegramError", RARE),
        call("aiogram.filters.CommandObject.args aiogram.types.Message.text", returns="outside"),
        methods("aiogram.Bot", f"{_SENDS} get_me", "aiogram.exceptions.TelegramAPIError", PEER),
        methods("aiogram.types.Message", "answer reply delete edit_text", "aiogram.exceptions.TelegramAPIError", RARE),
        methods(
            "telebot.TeleBot",
            f"{_SENDS} reply_to get_me download_file",
            "telebot.apihelper.ApiTelegramException requests.RequestException",
            PEER,
        ),
        call(
            "telebot.TeleBot.polling",
            "requests.RequestException telebot.apihelper.ApiTelegramException",
            PEER,
        ),
    ),
    exceptions="""
        telegram.error:
        TelegramError < Exception
        NetworkError Forbidden RetryAfter Conflict InvalidToken ChatMigrated Unauthorized < TelegramError
        BadRequest TimedOut < NetworkError
        aiogram.exceptions:
        AiogramError < Exception
        TelegramAPIError < AiogramError
        TelegramBadRequest TelegramForbiddenError TelegramNetworkError TelegramRetryAfter < TelegramAPIError
        TelegramNotFound TelegramServerError < TelegramAPIError
        telethon.errors:
        RPCError < Exception
        FloodWaitError BadRequestError ForbiddenError UnauthorizedError < RPCError
        pyrogram.errors:
        RPCError < Exception
        FloodWait BadRequest Forbidden Unauthorized < RPCError
        telebot.apihelper:
        ApiException < Exception
        ApiTelegramException ApiHTTPException < ApiException
    """,
    aliases="""
        telegram.TelegramError = telegram.error.TelegramError
        telethon.sync.TelegramClient = telethon.TelegramClient
        telethon.errors.rpcerrorlist telethon.errors.rpcbaseerrors = telethon.errors
        telegram.ext.ExtBot telegram.bot.Bot = telegram.Bot
        telegram.Document telegram.Video telegram.Audio telegram.Voice telegram.Animation = telegram.PhotoSize
        telegram.ext.ContextTypes.DEFAULT_TYPE = telegram.ext.CallbackContext
        telegram.ext.CallbackContext.bot = telegram.Bot
        aiogram.utils.exceptions.TelegramAPIError = aiogram.exceptions.TelegramAPIError
        telebot.async_telebot.AsyncTeleBot = telebot.TeleBot
        telebot.asyncio_helper = telebot.apihelper
    """,
)

_OTHERS = library(
    "Slack, Twitter, Reddit",
    calls=(
        classes("slack_sdk.WebClient slack_sdk.webhook.WebhookClient tweepy.Client tweepy.API praw.Reddit"),
        call("slack_sdk.WebClient.*", "slack_sdk.errors.SlackApiError", PEER),
        call("slack_bolt.App.client", returns="slack_sdk.WebClient"),
        classes("slack_bolt.App mastodon.Mastodon"),
        methods(
            "mastodon.Mastodon",
            "status_post toot media_post status timeline timeline_home account_verify_credentials account_statuses "
            "notifications status_reblog status_favourite log_in search",
            "mastodon.MastodonError",
            PEER,
        ),
        call("slack_sdk.webhook.WebhookClient.send", "OSError", PEER),
        methods(
            "tweepy.Client",
            "create_tweet delete_tweet get_user get_tweet get_users_tweets get_users_followers search_recent_tweets "
            "like retweet follow_user get_me",
            "tweepy.TweepyException",
            PEER,
        ),
        methods(
            "tweepy.API",
            "update_status update_with_media media_upload user_timeline home_timeline get_user search_tweets retweet "
            "create_favorite create_friendship destroy_status verify_credentials get_status mentions_timeline "
            "send_direct_message",
            "tweepy.TweepyException",
            PEER,
        ),
        call("praw.Reddit.subreddit", returns="praw.models.Subreddit"),
        call("praw.Reddit.submission praw.Reddit.redditor praw.Reddit.comment"),
        methods("praw.models.Subreddit", "hot new top rising search controversial", returns="praw.listing"),
        call("praw.models.Subreddit.stream.submissions praw.models.Subreddit.stream.comments", returns="praw.listing"),
        call("praw.listing.__iter__ praw.listing.__aiter__", "prawcore.exceptions.PrawcoreException", PEER),
        call(
            "praw.models.Subreddit.submit",
            "praw.exceptions.RedditAPIException prawcore.exceptions.PrawcoreException",
            PEER,
        ),
        call("praw.Reddit.user.me", "prawcore.exceptions.PrawcoreException", PEER),
    ),
    exceptions="""
        slack_sdk.errors:
        SlackClientError < Exception
        SlackApiError SlackRequestError < SlackClientError
        mastodon:
        MastodonError < Exception
        MastodonNetworkError < MastodonError OSError
        MastodonAPIError < MastodonError
        tweepy:
        TweepyException < Exception
        HTTPException < TweepyException
        BadRequest Unauthorized Forbidden NotFound TooManyRequests TwitterServerError < HTTPException
        prawcore.exceptions:
        PrawcoreException < Exception
        ResponseException RequestException OAuthException < PrawcoreException
        NotFound Forbidden TooManyRequests ServerError < ResponseException
        praw.exceptions:
        PRAWException < Exception
        ClientException RedditAPIException < PRAWException
    """,
    aliases="""
        slack_sdk.web.async_client.AsyncWebClient slack_sdk.web.WebClient slack.WebClient = slack_sdk.WebClient
        slack.errors = slack_sdk.errors
        slack_bolt.async_app.AsyncApp = slack_bolt.App
        mastodon.errors = mastodon
        slack_sdk.WebhookClient = slack_sdk.webhook.WebhookClient
        tweepy.errors = tweepy
        tweepy.error.TweepError tweepy.TweepError = tweepy.TweepyException
        tweepy.asynchronous.AsyncClient = tweepy.Client
        praw.exceptions.APIException = praw.exceptions.RedditAPIException
        prawcore.PrawcoreException = prawcore.exceptions.PrawcoreException
        prawcore.NotFound = prawcore.exceptions.NotFound
        prawcore.Forbidden = prawcore.exceptions.Forbidden
        asyncpraw.Reddit = praw.Reddit
        asyncpraw.exceptions = praw.exceptions
        asyncprawcore.exceptions = prawcore.exceptions
    """,
)

LIBRARIES = (_DISCORD, _TELEGRAM, _OTHERS)
