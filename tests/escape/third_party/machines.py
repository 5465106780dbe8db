"""Other machines and programs."""

from __future__ import annotations

from .place import Cases, Place, load


def machines(place: Place) -> Cases:
    psutil = load("psutil")
    yield "psutil.Process", lambda: psutil.Process(2**22 + 1)
    paramiko = load("paramiko")

    def connect(port: int) -> None:
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect(place.host, port, "x", "x", timeout=2, banner_timeout=2)

    yield "paramiko.SSHClient.connect", lambda: connect(place.port)
    yield "paramiko.SSHClient.connect", lambda: connect(place.noise)
    yield "paramiko.Transport", lambda: paramiko.Transport((place.host, place.port))
    yield "paramiko.RSAKey.from_private_key_file", lambda: paramiko.RSAKey.from_private_key_file(str(place.missing))
    yield "paramiko.RSAKey.from_private_key_file", lambda: paramiko.RSAKey.from_private_key_file(str(place.notes))
    yield "fabric.Connection.run", lambda: load("fabric").Connection(place.host, "x", place.port).run("x")
    yield "invoke.run", lambda: load("invoke").run("exit 3")

    async def asyncssh() -> object:
        return await load("asyncssh").connect(place.host, place.port, known_hosts=None)

    yield "asyncssh.connect", asyncssh
    docker = load("docker")
    yield "docker.from_env", lambda: docker.from_env()
    yield "docker.DockerClient", lambda: docker.DockerClient(f"tcp://{place.host}:{place.port}")
    client = load("kubernetes.client")
    configuration = client.Configuration(host=place.denied)
    api = client.CoreV1Api(client.ApiClient(configuration))
    yield "kubernetes.client.CoreV1Api.list_namespace", lambda: api.list_namespace()
    yield (
        "kubernetes.config.load_kube_config",
        lambda: load("kubernetes.config").load_kube_config(str(place.missing)),
    )
    yield "kubernetes.config.load_incluster_config", lambda: load("kubernetes.config").load_incluster_config()
    git = load("git")
    yield "git.Repo", lambda: git.Repo(place.missing)
    yield "git.Repo", lambda: git.Repo(place.folder)
    yield "git.Repo.clone_from", lambda: git.Repo.clone_from(place.web, place.folder / "clone")
    yield "git.Repo.git.checkout", lambda: git.Repo.init(place.folder / "new").git.checkout("nothing")
    yield "pexpect.spawn", lambda: load("pexpect").spawn(str(place.missing))
    yield "pexpect.spawn.expect", lambda: load("pexpect").spawn("sleep 9").expect("x", timeout=0.1)
    yield "pexpect.spawn.expect", lambda: load("pexpect").spawn("true").expect("x", timeout=5)
    sh = load("sh")
    yield "sh.false", lambda: sh.false()
    yield "sh.no_such_program_anywhere", lambda: sh.no_such_program_anywhere()
    modbus = load("pymodbus.client")
    yield (
        "pymodbus.client.ModbusTcpClient.read_coils",
        lambda: modbus.ModbusTcpClient(place.host, port=place.port, timeout=1, retries=0).read_coils(1),
    )
    yield "smbus2.SMBus", lambda: load("smbus2").SMBus(str(place.missing))
    yield "imap_tools.MailBox", lambda: load("imap_tools").MailBox(place.host, place.port)
    yield (
        "yagmail.SMTP.send",
        lambda: load("yagmail").SMTP("a@b.org", "x", host=place.host, port=place.port).send("c@d.org"),
    )
    yield "serial.Serial", lambda: load("serial").Serial(str(place.missing))

    async def mail() -> object:
        return await load("aiosmtplib").send(
            "x", sender="a@b", recipients=["c@d"], hostname=place.host, port=place.port
        )

    yield "aiosmtplib.send", mail
    yield "dns.resolver.Resolver.resolve", lambda: resolve(place)


def resolve(place: Place) -> object:
    resolver = load("dns.resolver").Resolver(configure=False)
    resolver.nameservers, resolver.port, resolver.lifetime = [place.host], place.port, 1
    return resolver.resolve("example.org")
