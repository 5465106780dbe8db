"""Transcode a folder of videos to H.264 and keep a manifest of durations."""
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

USAGE = "usage: transcode.py FOLDER [NOTE]"


class ToolError(Exception):
    pass


def run(*args, timeout=60):
    """Run a tool and return its output; every way to fail is a ToolError."""
    try:
        done = subprocess.run(args, capture_output=True, text=True, timeout=timeout, errors="replace")
    except subprocess.TimeoutExpired as exc:
        raise ToolError(f"{args[0]} took longer than {timeout} s") from exc
    except OSError as exc:
        raise ToolError(f"{args[0]} cannot be run: {exc.strerror}") from exc
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise ToolError(f"{args[0]} failed ({done.returncode}): {last[0]}")
    return done.stdout


def duration(path):
    out = run("ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "json", str(path))
    try:
        return float(json.loads(out)["format"]["duration"])
    except (ValueError, KeyError, TypeError) as exc:
        raise ToolError(f"{path.name}: no duration") from exc


def transcode(path, out):
    partial = out.with_suffix(".part.mp4")
    try:
        run("ffmpeg", "-nostdin", "-y", "-i", str(path), "-c:v", "libx264", str(partial), timeout=4 * 3600)
        os.replace(partial, out)
    finally:
        partial.unlink(missing_ok=True)


def ffmpeg_version():
    match = re.match(r"ffmpeg version (\S+)", run("ffmpeg", "-version"))
    return match.group(1) if match else "unknown"


def convert(path, outdir):
    out = outdir / (path.stem + ".mp4")
    before = duration(path)
    transcode(path, out)
    after = duration(out)
    if abs(before - after) > 1:
        raise ToolError(f"{path.name}: result has {after:.1f} s instead of {before:.1f} s")
    path.unlink()  # only now that the result is known to be good
    return {"in": before, "out": after}


def main(argv):
    if not 2 <= len(argv) <= 3:
        print(USAGE, file=sys.stderr)
        return 2
    folder = Path(argv[1])
    if not folder.is_dir():
        print(f"{folder} is not a directory", file=sys.stderr)
        return 2
    for tool in ("ffmpeg", "ffprobe"):
        if shutil.which(tool) is None:
            print(f"{tool} is not installed", file=sys.stderr)
            return 1

    outdir = folder / "h264"
    files, failures = {}, 0
    try:
        outdir.mkdir(exist_ok=True)
        for path in sorted(folder.glob("*.mov")):
            try:
                files[path.stem] = convert(path, outdir)
                print(path.stem, "ok")
            except (ToolError, OSError) as exc:
                print(f"{path.stem}: {exc}", file=sys.stderr)
                failures += 1
        manifest = {"ffmpeg": ffmpeg_version(), "note": "".join(argv[2:]), "files": files}
        (outdir / "manifest.json").write_text(json.dumps(manifest, indent=1))
    except (OSError, ToolError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
