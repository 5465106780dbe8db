"""Discord bot: dice, weather, reminders and a daily announcement."""
import asyncio
import json
import logging
import os
import random
import re
from datetime import datetime

import aiohttp
import discord
from discord.ext import commands, tasks

log = logging.getLogger("bot")
EVENTS_FILE = "events.json"
DICE = re.compile(r"([1-9]\d?)d([1-9]\d{0,2})")


class StorageError(commands.CommandError):
    pass


def load_events():
    try:
        with open(EVENTS_FILE, encoding="utf-8") as f:
            return json.load(f)
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as exc:
        raise StorageError("events file unreadable") from exc


def save_events(events):
    tmp = EVENTS_FILE + ".tmp"
    try:
        with open(tmp, "w", encoding="utf-8") as f:
            json.dump(events, f)
        os.replace(tmp, EVENTS_FILE)
    except OSError as exc:
        raise StorageError("events file not written") from exc


class Events(commands.Cog):
    def __init__(self, bot, channel_id):
        self.bot = bot
        self.channel_id = channel_id
        self.reminders = set()

    async def cog_load(self):
        self.announce.start()

    async def cog_unload(self):
        self.announce.cancel()

    @commands.command()
    async def roll(self, ctx, dice):
        match = DICE.fullmatch(dice)
        if match is None:
            raise commands.BadArgument("say it like 2d6")
        result = [random.randint(1, int(match[2])) for _ in range(int(match[1]))]
        await ctx.send(f"{result} = {sum(result)}")

    @commands.command()
    async def weather(self, ctx, *, city):
        try:
            timeout = aiohttp.ClientTimeout(total=10)
            async with aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session:
                async with session.get("https://weather.example.com", params={"q": city}) as r:
                    temp = (await r.json())["temp"]
        except (aiohttp.ClientError, asyncio.TimeoutError, ValueError, KeyError, TypeError):
            log.exception("weather lookup for %r failed", city)
            await ctx.send("No weather right now, sorry.")
            return
        await ctx.send(f"{city}: {temp} degrees")

    async def _remind(self, user, minutes, text):
        await asyncio.sleep(minutes * 60)
        try:
            await user.send(text)
        except discord.HTTPException:  # includes Forbidden: direct messages closed
            log.warning("reminder for %s not delivered", user, exc_info=True)

    @commands.command()
    async def remind(self, ctx, minutes: commands.Range[int, 1, 10080], *, text):
        task = asyncio.create_task(self._remind(ctx.author, minutes, text))
        self.reminders.add(task)
        task.add_done_callback(self.reminders.discard)
        await ctx.send("ok")

    @commands.command()
    async def event(self, ctx, day, *, title):
        try:
            datetime.strptime(day, "%Y-%m-%d")
        except ValueError:
            raise commands.BadArgument("the day must look like 2025-01-31") from None
        save_events(load_events() + [{"day": day, "title": title}])
        await ctx.send("added")

    @tasks.loop(hours=24)
    async def announce(self):
        today = datetime.now().strftime("%Y-%m-%d")
        try:
            channel = await self.bot.fetch_channel(self.channel_id)
            for e in load_events():
                if e["day"] == today:
                    await channel.send(e["title"])
        except (discord.DiscordException, StorageError):
            log.exception("no announcement today")  # keep the loop alive for tomorrow

    @announce.before_loop
    async def before(self):
        await self.bot.wait_until_ready()

    async def cog_command_error(self, ctx, error):
        if isinstance(error, commands.UserInputError):
            await ctx.send(f"Sorry: {error}")
        else:
            log.error("command %s failed", ctx.command, exc_info=error)
            await ctx.send("Something went wrong; it has been noted.")


def settings():
    try:
        return int(os.environ["CHANNEL_ID"]), os.environ["DISCORD_TOKEN"]
    except (KeyError, ValueError) as exc:
        raise SystemExit(f"CHANNEL_ID and DISCORD_TOKEN must be set: {exc}") from exc


async def main(channel_id, token):
    discord.utils.setup_logging()
    intents = discord.Intents.default()
    intents.message_content = True
    async with commands.Bot(command_prefix="!", intents=intents) as bot:
        await bot.add_cog(Events(bot, channel_id))
        await bot.start(token)


if __name__ == "__main__":
    try:
        asyncio.run(main(*settings()))
    except KeyboardInterrupt:
        pass
    except discord.LoginFailure as exc:
        raise SystemExit(f"login refused: {exc}") from exc
