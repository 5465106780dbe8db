"""Install a zipped theme into a site directory, following its theme.yaml."""
import shutil
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path

import click
import yaml

ARCHIVE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
SITE = click.Path(exists=True, file_okay=False, writable=True, path_type=Path)


def read_manifest(folder: Path) -> dict:
    try:
        manifest = yaml.safe_load((folder / "theme.yaml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise click.ClickException("the archive has no theme.yaml") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise click.ClickException(f"theme.yaml is unreadable: {exc}") from exc

    if not isinstance(manifest, dict):
        raise click.ClickException("theme.yaml must be a mapping")
    for key in ("name", "version", "files"):
        if key not in manifest:
            raise click.ClickException(f"theme.yaml lacks '{key}'")
    entries = manifest["files"]
    if not isinstance(entries, list) or not all(
        isinstance(e, dict) and isinstance(e.get("source"), str) and isinstance(e.get("target"), str)
        for e in entries
    ):
        raise click.ClickException("every entry of 'files' needs a source and a target")
    return manifest


@contextmanager
def unpacked(archive: Path):
    """Extract into a temporary directory that goes away whatever happens."""
    with tempfile.TemporaryDirectory(prefix="theme-") as tmp:
        try:
            with zipfile.ZipFile(archive) as zf:
                zf.extractall(tmp)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as exc:
            raise click.ClickException(f"{archive} is not a usable zip file: {exc}") from exc
        except OSError as exc:
            raise click.FileError(str(archive), hint=str(exc)) from exc
        yield Path(tmp)


def inside(base: Path, relative: str) -> Path:
    path = (base / relative).resolve()
    if not path.is_relative_to(base.resolve()):
        raise click.ClickException(f"theme.yaml points outside the theme: {relative}")
    return path


def install_files(folder: Path, manifest: dict, site: Path):
    installed, failed = [], []
    for entry in manifest["files"]:
        source = inside(folder, entry["source"])
        target = inside(site, entry["target"])
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
        except OSError as exc:
            click.echo(f"{entry['target']}: {exc}", err=True)
            failed.append(entry["target"])
        else:
            installed.append(target)
    return installed, failed


@click.group()
def cli():
    """Theme manager."""


@cli.command()
@click.argument("archive", type=ARCHIVE)
@click.option("--site", type=SITE, default=".", help="Site directory")
@click.pass_context
def install(ctx, archive, site):
    with unpacked(archive) as folder:
        manifest = read_manifest(folder)
        installed, failed = install_files(folder, manifest, site)
    click.echo(f"Installed {manifest['name']} ({len(installed)} files)")
    if failed:
        click.echo(f"{len(failed)} files could not be installed", err=True)
        ctx.exit(1)


@cli.command()
@click.argument("archive", type=ARCHIVE)
def info(archive):
    with unpacked(archive) as folder:
        manifest = read_manifest(folder)
    click.echo(f"{manifest['name']} {manifest['version']}")


if __name__ == "__main__":
    cli()
