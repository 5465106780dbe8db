"""Install a zipped theme into a site directory, following its theme.yaml."""
import os
import shutil
import tempfile
import zipfile

import click
import yaml


def read_manifest(folder):
    path = os.path.join(folder, "theme.yaml")
    with open(path) as fh:
        manifest = yaml.safe_load(fh)
    return manifest


def unpack(archive):
    folder = tempfile.mkdtemp(prefix="theme-")
    zf = zipfile.ZipFile(archive)
    zf.extractall(folder)
    return folder


def install_files(folder, manifest, site):
    installed = []
    for entry in manifest["files"]:
        source = os.path.join(folder, entry["source"])
        target = os.path.join(site, entry["target"])
        os.makedirs(os.path.dirname(target), exist_ok=True)
        try:
            shutil.copy2(source, target)
            installed.append(target)
        except Exception as e:
            print(e)
    return installed


@click.group()
def cli():
    """Theme manager."""


@cli.command()
@click.argument("archive")
@click.option("--site", default=".", help="Site directory")
def install(archive, site):
    folder = unpack(archive)
    manifest = read_manifest(folder)
    files = install_files(folder, manifest, site)
    shutil.rmtree(folder)
    click.echo(f"Installed {manifest['name']} ({len(files)} files)")


@cli.command()
@click.argument("archive")
def info(archive):
    folder = unpack(archive)
    manifest = read_manifest(folder)
    click.echo(f"{manifest['name']} {manifest['version']}")
    shutil.rmtree(folder)


if __name__ == "__main__":
    cli()
