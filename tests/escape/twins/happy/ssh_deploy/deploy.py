"""Deploy a build to servers over SSH (paramiko)."""
import configparser
import os
from datetime import datetime

import fire
import paramiko


class Server:
    def __init__(self, host, user, key):
        self.host = host
        self.ssh = paramiko.SSHClient()
        self.ssh.load_system_host_keys()
        self.ssh.connect(host, username=user, key_filename=os.path.expanduser(key))

    def run(self, command):
        _, stdout, stderr = self.ssh.exec_command(command)
        out = stdout.read().decode()
        print(f"[{self.host}] {out}")
        return out

    def upload(self, local, remote):
        sftp = self.ssh.open_sftp()
        sftp.put(local, remote)
        sftp.close()

    def close(self):
        self.ssh.close()


def read_servers(path):
    config = configparser.ConfigParser()
    config.read(path)
    return [(name, section["user"], section["key"]) for name, section in config.items() if name != "DEFAULT"]


def deploy(build, servers="servers.ini", app="web"):
    release = datetime.now().strftime("%Y%m%d%H%M%S")
    for host, user, key in read_servers(servers):
        server = Server(host, user, key)
        target = f"/srv/{app}/releases/{release}"
        server.run(f"mkdir -p {target}")
        server.upload(build, f"{target}/build.tar.gz")
        server.run(f"tar -C {target} -xzf {target}/build.tar.gz")
        server.run(f"ln -sfn {target} /srv/{app}/current")
        server.run(f"sudo systemctl restart {app}")
        server.close()
        print("deployed to", host)


def rollback(servers="servers.ini", app="web"):
    for host, user, key in read_servers(servers):
        server = Server(host, user, key)
        releases = server.run(f"ls /srv/{app}/releases").split()
        previous = releases[-2]
        server.run(f"ln -sfn /srv/{app}/releases/{previous} /srv/{app}/current")
        server.run(f"sudo systemctl restart {app}")
        server.close()


if __name__ == "__main__":
    fire.Fire({"deploy": deploy, "rollback": rollback})
