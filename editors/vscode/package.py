#!/usr/bin/env python3
"""Build the extension, server included: `npm run package`, which puts shipworthy.vsix beside this file.

Needs Node 22 or newer, and pip for the wheel of the server.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
AS_IT_IS = ("--no-rewrite-relative-links", "--allow-missing-repository")
"""The pictures of the README are those inside the extension."""


def main() -> None:
    """Build the wheel, then the bundle, then the .vsix around both."""
    # npm says how it was started itself.
    npm = os.environ.get("npm_execpath", "npm")  # noqa: SIM112
    words = ["node", npm] if npm.endswith(".js") else [npm]
    shutil.rmtree(HERE / "wheel", ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    run(*pip, "--wheel-dir", str(HERE / "wheel"), str(REPOSITORY))
    if not (HERE / "node_modules").exists():
        run(*words, "ci")
    shutil.copyfile(REPOSITORY / "LICENSE", HERE / "LICENSE")
    (HERE / "NOTICES.txt").write_text(notices(), encoding="utf-8")
    run(*words, "run", "check")
    run(*words, "run", "bundle")
    run(*words, "exec", "--", "vsce", "package", "--no-dependencies", *AS_IT_IS, "--out", "shipworthy.vsix")


def notices() -> str:
    """The licenses of the libraries that are in the bundle."""
    packages = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    bundled = [HERE / path for path, about in packages.items() if path and not about.get("dev")]
    texts = []
    for folder in bundled:
        licenses = [file for file in sorted(folder.iterdir()) if file.name.lower().startswith(("license", "licence"))]
        if not licenses:
            sys.exit(f"package.py: {folder.name} has no license file; say in NOTICES.txt what holds for it")
        texts.append(f"{folder.name}\n\n{licenses[0].read_text(encoding='utf-8')}\n")
    return "\n".join(texts)


def run(*command: str) -> None:
    """Run a step; end with its exit code if it fails."""
    done = subprocess.run(command, cwd=HERE, check=False)
    if done.returncode:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
