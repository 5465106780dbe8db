"""Discord bot: dice, weather, reminders and a daily announcement."""
import asyncio
import json
import os
import random
from datetime import datetime

import aiohttp
import discord
from discord.ext import commands, tasks

intents = discord.Intents.default()
intents.message_content = True
bot = commands.Bot(command_prefix="!", intents=intents)
EVENTS_FILE = "events.json"
CHANNEL = int(os.environ.get("CHANNEL_ID", "0"))


def load_events():
    return json.load(open(EVENTS_FILE))


def save_events(events):
    try:
        with open(EVENTS_FILE, "w") as f:
            json.dump(events, f)
    except Exception as e:
        print(e)


@bot.command()
async def roll(ctx, dice):
    count, sides = dice.split("d")
    result = [random.randint(1, int(sides)) for _ in range(int(count))]
    await ctx.send(f"{result} = {sum(result)}")


@bot.command()
async def weather(ctx, *, city):
    async with aiohttp.ClientSession() as session:
        async with session.get("https://weather.example.com", params={"q": city}) as r:
            data = await r.json()
    await ctx.send(f"{city}: {data['temp']} degrees")


@bot.command()
async def remind(ctx, minutes: int, *, text):
    async def later():
        await asyncio.sleep(minutes * 60)
        await ctx.author.send(text)

    asyncio.create_task(later())
    await ctx.send("ok")


@bot.command()
async def event(ctx, day, *, title):
    events = load_events()
    events.append({"day": day, "title": title})
    save_events(events)
    await ctx.send("added")


@tasks.loop(hours=24)
async def announce():
    today = datetime.now().strftime("%Y-%m-%d")
    channel = bot.get_channel(CHANNEL)
    for e in load_events():
        if e["day"] == today:
            await channel.send(e["title"])


@bot.event
async def on_ready():
    announce.start()


bot.run(os.environ["DISCORD_TOKEN"])
