"""Classify support tickets with the OpenAI API and write a JSONL file."""
import argparse
import json
import sys
from typing import Literal

import openai
from openai import OpenAI
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

PROMPT = """Classify the ticket. Answer with a JSON object with the keys
"category" (billing, bug, question), "urgency" (1-5) and "summary"."""


class Ticket(BaseModel):
    id: str
    text: str


class Verdict(BaseModel):
    category: Literal["billing", "bug", "question"]
    urgency: int = Field(ge=1, le=5)
    summary: str


class NoVerdict(Exception):
    """The model did not answer in the agreed form."""


def ask(client, text):
    response = client.chat.completions.create(
        model="gpt-4o-mini",
        response_format={"type": "json_object"},
        messages=[{"role": "system", "content": PROMPT}, {"role": "user", "content": text}],
    )
    choice = response.choices[0]
    if choice.finish_reason != "stop" or not choice.message.content:
        raise NoVerdict(f"answer ended with {choice.finish_reason}")
    try:
        return Verdict.model_validate_json(choice.message.content)
    except ValidationError as exc:
        raise NoVerdict("answer does not fit the schema") from exc


def embed(client, text):
    response = client.embeddings.create(model="text-embedding-3-small", input=text)
    return response.data[0].embedding


def classify(client, tickets, minimum, out):
    """Write each result as soon as it is there; return the failed ids."""
    failed = []
    for ticket in tickets:
        try:
            verdict = ask(client, ticket.text)
            if verdict.urgency >= minimum:
                record = {**verdict.model_dump(), "id": ticket.id, "embedding": embed(client, ticket.text)}
                out.write(json.dumps(record) + "\n")
                out.flush()
        except (openai.AuthenticationError, openai.PermissionDeniedError):
            raise  # no other ticket would fare better
        except (openai.APIError, NoVerdict) as exc:
            print(f"{ticket.id}: {exc!r}", file=sys.stderr)
            failed.append(ticket.id)
        else:
            print(ticket.id, verdict.category)
    return failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tickets", type=argparse.FileType("rb"), help="JSON file with a list of tickets")
    parser.add_argument("--out", default="classified.jsonl")
    parser.add_argument("--min-urgency", type=int, choices=range(1, 6), default=1)
    args = parser.parse_args()

    try:
        with args.tickets as f:
            tickets = TypeAdapter(list[Ticket]).validate_json(f.read())
    except ValidationError as exc:
        parser.error(f"{args.tickets.name}: {exc}")

    try:
        with OpenAI(timeout=60, max_retries=5) as client, open(args.out, "a", encoding="utf-8") as out:
            failed = classify(client, tickets, args.min_urgency, out)
    except openai.OpenAIError as exc:
        sys.exit(f"OpenAI: {exc}")
    except OSError as exc:
        sys.exit(f"cannot write {args.out}: {exc.strerror}")
    except KeyboardInterrupt:
        sys.exit(130)
    if failed:
        sys.exit(f"{len(failed)} of {len(tickets)} tickets failed")


if __name__ == "__main__":
    main()
