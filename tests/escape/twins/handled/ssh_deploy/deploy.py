"""Deploy a build to servers over SSH (paramiko)."""
import argparse
import configparser
import shlex
import socket
import sys
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import paramiko


class DeployError(Exception):
    pass


class Server:
    def __init__(self, host, ssh):
        self.host = host
        self.ssh = ssh

    def run(self, *command):
        line = shlex.join(command)
        _, stdout, stderr = self.ssh.exec_command(line, timeout=120)
        out = stdout.read().decode(errors="replace")
        err = stderr.read().decode(errors="replace")
        status = stdout.channel.recv_exit_status()
        if status != 0:
            raise DeployError(f"{line!r} exited with {status}: {err.strip()}")
        return out

    def upload(self, local, remote):
        with self.ssh.open_sftp() as sftp:
            sftp.put(str(local), remote)  # compares the sizes itself


@contextmanager
def connected(host, user, key):
    ssh = paramiko.SSHClient()
    try:
        ssh.load_system_host_keys()
        ssh.connect(host, username=user, key_filename=str(Path(key).expanduser()), timeout=15)
        yield Server(host, ssh)
    except (paramiko.SSHException, socket.timeout, OSError) as exc:
        raise DeployError(f"connection failed: {exc}") from exc
    finally:
        ssh.close()


def read_servers(path):
    config = configparser.ConfigParser()
    try:
        with open(path, encoding="utf-8") as f:
            config.read_file(f)
        servers = [(name, config[name]["user"], config[name]["key"]) for name in config.sections()]
    except OSError as exc:
        raise DeployError(f"cannot read {path}: {exc.strerror}") from exc
    except (configparser.Error, UnicodeDecodeError) as exc:
        raise DeployError(f"{path}: {exc}") from exc
    except KeyError as exc:
        raise DeployError(f"{path}: a server lacks {exc}") from exc
    if not servers:
        raise DeployError(f"{path} names no servers")
    return servers


def activate(server, app, release):
    server.run("ln", "-sfn", f"/srv/{app}/releases/{release}", f"/srv/{app}/current")
    server.run("sudo", "systemctl", "restart", app)


def deploy(server, args):
    target = f"/srv/{args.app}/releases/{args.release}"
    server.run("mkdir", "-p", target)
    server.upload(args.build, f"{target}/build.tar.gz")
    server.run("tar", "-C", target, "-xzf", f"{target}/build.tar.gz")
    activate(server, args.app, args.release)


def rollback(server, args):
    releases = sorted(server.run("ls", f"/srv/{args.app}/releases").split())
    if len(releases) < 2:
        raise DeployError("there is no previous release")
    activate(server, args.app, releases[-2])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", default="servers.ini")
    parser.add_argument("--app", default="web")
    parser.set_defaults(release=datetime.now().strftime("%Y%m%d%H%M%S"))
    commands = parser.add_subparsers(required=True)
    sub = commands.add_parser("deploy")
    sub.add_argument("build", type=Path)
    sub.set_defaults(action=deploy)
    commands.add_parser("rollback").set_defaults(action=rollback)
    args = parser.parse_args()

    if args.action is deploy and not args.build.is_file():
        parser.error(f"no such file: {args.build}")
    try:
        servers = read_servers(args.servers)
    except DeployError as exc:
        parser.error(str(exc))

    failed = 0
    for host, user, key in servers:
        try:
            with connected(host, user, key) as server:
                args.action(server, args)
        except DeployError as exc:
            print(f"[{host}] FAILED: {exc}", file=sys.stderr)
            failed += 1
        else:
            print(f"[{host}] ok")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
