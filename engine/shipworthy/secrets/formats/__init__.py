"""The token formats of providers, as rows of data; one module for each kind of provider.

To add a format, add a row. Its stand-in is its test.
"""

from __future__ import annotations

from shipworthy.secrets.formats import ai, business, cloud, code, messaging
from shipworthy.secrets.formats.model import Format

FORMATS: tuple[Format, ...] = (*code.ROWS, *ai.ROWS, *cloud.ROWS, *messaging.ROWS, *business.ROWS)
"""Every format. Of two that share a keyword the first one that fits counts."""
