"""The rule engine: text in, verdict out. It knows neither editors nor git."""

__version__ = "0.1.0"
