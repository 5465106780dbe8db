"""Back up directories to S3 as tar.gz and prune old archives."""
import argparse
import logging
import sys
import tarfile
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import boto3
import yaml
from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, Field, ValidationError

log = logging.getLogger("s3_backup")
AWS_ERRORS = (Boto3Error, BotoCoreError, ClientError)


class Config(BaseModel):
    bucket: str
    prefix: str = "backup"
    directories: list[Path] = Field(min_length=1)


def config_file(path: str) -> Config:
    """argparse type: errors become a usage message."""
    try:
        return Config.model_validate(yaml.safe_load(Path(path).read_text(encoding="utf-8")))
    except OSError as exc:
        raise argparse.ArgumentTypeError(f"cannot read {path}: {exc.strerror}") from exc
    except (UnicodeDecodeError, yaml.YAMLError, ValidationError) as exc:
        raise argparse.ArgumentTypeError(f"{path} is not a valid configuration: {exc}") from exc


class Backup:
    def __init__(self, config: Config):
        self.s3 = boto3.client("s3")
        self.bucket = config.bucket
        self.prefix = config.prefix

    def store(self, directory: Path) -> str:
        stamp = datetime.now(timezone.utc).strftime("%Y%m%d-%H%M%S")
        key = f"{self.prefix}/{stamp}-{directory.name}.tar.gz"
        with tempfile.TemporaryDirectory() as tmp:
            path = Path(tmp, "archive.tar.gz")
            with tarfile.open(path, "w:gz") as tar:
                tar.add(directory, arcname=directory.name)
            self.s3.upload_file(str(path), self.bucket, key)
        return key

    def prune(self, days: int) -> None:
        limit = datetime.now(timezone.utc) - timedelta(days=days)
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=self.prefix + "/"
        )
        for page in pages:
            for obj in page.get("Contents", []):
                if obj["LastModified"] < limit:
                    self.s3.delete_object(Bucket=self.bucket, Key=obj["Key"])
                    log.info("deleted %s", obj["Key"])


def run(config: Config, keep_days: int) -> int:
    backup = Backup(config)
    failed = []
    for directory in config.directories:
        try:
            log.info("stored %s", backup.store(directory))
        except (OSError, tarfile.TarError, *AWS_ERRORS):
            log.exception("backup of %s failed", directory)
            failed.append(str(directory))
    if failed:
        log.error("nothing pruned because these failed: %s", ", ".join(failed))
        return 1
    backup.prune(keep_days)
    return 0


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    parser = argparse.ArgumentParser()
    parser.add_argument("config", type=config_file)
    parser.add_argument("--keep-days", type=int, default=30)
    args = parser.parse_args()
    if args.keep_days < 1:
        parser.error("--keep-days must be positive")
    try:
        return run(args.config, args.keep_days)
    except AWS_ERRORS:
        log.exception("S3 refused")
        return 1


if __name__ == "__main__":
    sys.exit(main())
