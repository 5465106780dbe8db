"""Transcode a folder of videos to H.264 and keep a manifest of durations."""
import glob
import json
import os
import re
import subprocess
import sys


def duration(path):
    """Length in seconds, as told by ffprobe."""
    p = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "json", path],
        stdout=subprocess.PIPE,
    )
    info = json.loads(p.stdout)
    return float(info["format"]["duration"])


def transcode(path, out):
    try:
        subprocess.run(["ffmpeg", "-y", "-i", path, "-c:v", "libx264", out], check=True)
    except subprocess.CalledProcessError:
        pass
    return out


def git_version():
    out = os.popen("ffmpeg -version").read()
    return re.match(r"ffmpeg version (\S+)", out).group(1)


def main():
    folder = sys.argv[1]
    crf_note = sys.argv[2] if len(sys.argv) > 2 else ""
    outdir = os.path.join(folder, "h264")
    os.makedirs(outdir, exist_ok=True)
    manifest = {"ffmpeg": git_version(), "note": crf_note, "files": {}}
    for path in sorted(glob.glob(os.path.join(folder, "*.mov"))):
        name = os.path.splitext(os.path.basename(path))[0]
        out = transcode(path, os.path.join(outdir, name + ".mp4"))
        manifest["files"][name] = {"in": duration(path), "out": duration(out)}
        os.remove(path)
        print(name, "ok")
    f = open(os.path.join(outdir, "manifest.json"), "w")
    json.dump(manifest, f, indent=1)


if __name__ == "__main__":
    main()
