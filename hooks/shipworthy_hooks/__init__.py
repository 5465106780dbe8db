"""The command and the hooks: the same verdict at commit and in CI."""
