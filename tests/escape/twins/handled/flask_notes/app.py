"""Small notes API on Flask and sqlite3."""
import sqlite3
from datetime import date

from flask import Flask, abort, g, jsonify, request
from werkzeug.exceptions import HTTPException

app = Flask(__name__)
app.config["DATABASE"] = "notes.db"


def get_db():
    if "db" not in g:
        g.db = sqlite3.connect(app.config["DATABASE"], timeout=5)
        g.db.row_factory = sqlite3.Row
    return g.db


@app.teardown_appcontext
def close_db(exc):
    db = g.pop("db", None)
    if db is not None:
        db.close()


@app.errorhandler(HTTPException)
def http_error(exc):
    return jsonify({"error": exc.description}), exc.code


@app.errorhandler(sqlite3.Error)
def database_error(exc):
    app.logger.exception("database failure on %s %s", request.method, request.path)
    return jsonify({"error": "storage unavailable"}), 503


@app.cli.command("init-db")
def init_db():
    get_db().executescript(
        """
        CREATE TABLE IF NOT EXISTS notes (
            id INTEGER PRIMARY KEY,
            slug TEXT UNIQUE NOT NULL,
            body TEXT NOT NULL,
            due TEXT
        );
        """
    )


def parse_note(data):
    if not isinstance(data, dict):
        abort(400, "expected a JSON object")
    for key in ("slug", "body", "due"):
        if not isinstance(data.get(key), str) or not data[key]:
            abort(400, f"'{key}' is required and must be a string")
    try:
        due = date.fromisoformat(data["due"])
    except ValueError:
        abort(400, "'due' must be YYYY-MM-DD")
    return data["slug"], data["body"], due


@app.route("/notes")
def list_notes():
    # type=int falls back to the default on garbage
    page = max(request.args.get("page", default=1, type=int), 1)
    rows = get_db().execute(
        "SELECT * FROM notes ORDER BY id DESC LIMIT 20 OFFSET ?", ((page - 1) * 20,)
    )
    return jsonify([dict(r) for r in rows])


@app.route("/notes", methods=["POST"])
def create_note():
    slug, body, due = parse_note(request.get_json())
    try:
        with get_db() as db:  # commits, or rolls back on error
            cur = db.execute(
                "INSERT INTO notes (slug, body, due) VALUES (?, ?, ?)",
                (slug, body, due.isoformat()),
            )
    except sqlite3.IntegrityError:
        abort(409, f"a note called '{slug}' exists already")
    return jsonify({"id": cur.lastrowid}), 201


@app.route("/notes/<slug>")
def show_note(slug):
    row = get_db().execute("SELECT * FROM notes WHERE slug = ?", (slug,)).fetchone()
    if row is None:
        abort(404, "no such note")
    return jsonify(dict(row))


@app.route("/notes/<slug>", methods=["DELETE"])
def delete_note(slug):
    with get_db() as db:
        cur = db.execute("DELETE FROM notes WHERE slug = ?", (slug,))
    if cur.rowcount == 0:
        abort(404, "no such note")
    return "", 204


if __name__ == "__main__":
    app.run(port=5001)
