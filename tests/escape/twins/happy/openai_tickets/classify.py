"""Classify support tickets with the OpenAI API and write a JSONL file."""
import argparse
import json
import os
import re

from openai import OpenAI

client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])

PROMPT = """Classify the ticket. Answer with a JSON object with the keys
"category" (billing, bug, question), "urgency" (1-5) and "summary"."""


def ask(text):
    response = client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "system", "content": PROMPT}, {"role": "user", "content": text}],
    )
    return response.choices[0].message.content


def parse(answer):
    block = re.search(r"\{.*\}", answer, re.S).group()
    return json.loads(block)


def embed(text):
    try:
        return client.embeddings.create(model="text-embedding-3-small", input=text).data[0].embedding
    except Exception:
        return []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tickets", help="JSON file with a list of tickets")
    parser.add_argument("--out", default="classified.jsonl")
    parser.add_argument("--min-urgency", default="1")
    args = parser.parse_args()

    with open(args.tickets) as f:
        tickets = json.load(f)
    minimum = int(args.min_urgency)

    results = []
    for ticket in tickets:
        answer = parse(ask(ticket["text"]))
        if int(answer["urgency"]) >= minimum:
            results.append({"id": ticket["id"], **answer, "embedding": embed(ticket["text"])})
        print(ticket["id"], answer["category"])

    with open(args.out, "w") as f:
        for r in results:
            f.write(json.dumps(r) + "\n")


if __name__ == "__main__":
    main()
