"""Small notes API on Flask and sqlite3."""
import sqlite3
from datetime import date

from flask import Flask, g, jsonify, request

app = Flask(__name__)
app.config["DATABASE"] = "notes.db"


def get_db():
    if "db" not in g:
        g.db = sqlite3.connect(app.config["DATABASE"])
        g.db.row_factory = sqlite3.Row
    return g.db


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


@app.route("/notes")
def list_notes():
    page = int(request.args.get("page", 1))
    rows = get_db().execute(
        "SELECT * FROM notes ORDER BY id DESC LIMIT 20 OFFSET ?", ((page - 1) * 20,)
    )
    return jsonify([dict(r) for r in rows])


@app.route("/notes", methods=["POST"])
def create_note():
    data = request.get_json()
    slug = data["slug"]
    due = date.fromisoformat(data["due"])
    db = get_db()
    cur = db.execute(
        "INSERT INTO notes (slug, body, due) VALUES (?, ?, ?)",
        (slug, data["body"], due.isoformat()),
    )
    db.commit()
    return jsonify({"id": cur.lastrowid}), 201


@app.route("/notes/<slug>")
def show_note(slug):
    row = get_db().execute("SELECT * FROM notes WHERE slug = ?", (slug,)).fetchone()
    return jsonify(dict(row))


@app.route("/notes/<slug>", methods=["DELETE"])
def delete_note(slug):
    try:
        db = get_db()
        db.execute("DELETE FROM notes WHERE slug = ?", (slug,))
        db.commit()
    except Exception:
        pass
    return "", 204


if __name__ == "__main__":
    app.run(port=5001)
