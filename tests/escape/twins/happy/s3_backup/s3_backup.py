"""Back up directories to S3 as tar.gz and prune old archives."""
import argparse
import os
import tarfile
import tempfile
from datetime import datetime, timedelta, timezone

import boto3
import yaml


def load_config(path):
    with open(path) as f:
        config = yaml.safe_load(f)
    return config


class Backup:
    def __init__(self, bucket, prefix):
        self.s3 = boto3.client("s3")
        self.bucket = bucket
        self.prefix = prefix

    def archive(self, directory):
        path = os.path.join(tempfile.gettempdir(), os.path.basename(directory) + ".tar.gz")
        tar = tarfile.open(path, "w:gz")
        tar.add(directory)
        tar.close()
        return path

    def upload(self, path):
        stamp = datetime.now(timezone.utc).strftime("%Y%m%d-%H%M%S")
        key = f"{self.prefix}/{stamp}-{os.path.basename(path)}"
        try:
            self.s3.upload_file(path, self.bucket, key)
        except Exception as e:
            print(f"Upload failed: {e}")
        os.remove(path)
        return key

    def prune(self, days):
        limit = datetime.now(timezone.utc) - timedelta(days=days)
        listing = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=self.prefix)
        for obj in listing["Contents"]:
            if obj["LastModified"] < limit:
                self.s3.delete_object(Bucket=self.bucket, Key=obj["Key"])
                print("deleted", obj["Key"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("config")
    parser.add_argument("--keep-days", type=int, default=30)
    args = parser.parse_args()
    config = load_config(args.config)
    backup = Backup(config["bucket"], config.get("prefix", "backup"))
    for directory in config["directories"]:
        key = backup.upload(backup.archive(directory))
        print("stored", key)
    backup.prune(args.keep_days)


if __name__ == "__main__":
    main()
