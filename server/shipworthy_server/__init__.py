"""The language server: shows the verdict as people type."""
