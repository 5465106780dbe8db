"""Errors that nobody handles: where they arise, and the way they take. See ARCHITECTURE.md."""
