"""Other programs and the machine: subprocess, asyncio's processes, signals, psutil, SSH, Docker, Kubernetes, git."""

from __future__ import annotations

from shipworthy.escape.catalogue.model import PEER, RARE, USER, Raised, but, call, classes, library, methods, only
from shipworthy.escape.catalogue.model import Condition as When

_CHECKED = When(("check",), ("True",))
_SHELL = When(("shell",), ("True",))

_SUBPROCESS = library(
    "subprocess",
    calls=(
        # Whoever asks for the exit status expects failures; a program that is missing is the other half of them.
        call(
            "subprocess.run",
            (
                Raised("subprocess.CalledProcessError", given=_CHECKED),
                Raised("FileNotFoundError", given=_CHECKED, unless=_SHELL),
                but("FileNotFoundError", "check shell", "True", RARE),
                only("subprocess.TimeoutExpired", "timeout"),
            ),
            PEER,
            returns="subprocess.CompletedProcess",
        ),
        call(
            "subprocess.check_call subprocess.check_output",
            (
                "subprocess.CalledProcessError",
                but("FileNotFoundError", "shell", "True"),
                only("subprocess.TimeoutExpired", "timeout"),
            ),
            PEER,
        ),
        call(
            "subprocess.call",
            (but("FileNotFoundError", "shell", "True", RARE), only("subprocess.TimeoutExpired", "timeout")),
            PEER,
        ),
        call("subprocess.CompletedProcess.check_returncode", "subprocess.CalledProcessError", PEER),
        call("subprocess.Popen", but("FileNotFoundError", "shell", "True"), RARE, returns="subprocess.Popen"),
        call("subprocess.Popen.communicate", only("subprocess.TimeoutExpired", "1 timeout"), PEER),
        call("subprocess.Popen.wait", only("subprocess.TimeoutExpired", "0 timeout"), PEER),
        call("asyncio.create_subprocess_exec", "FileNotFoundError", RARE, returns="asyncio.subprocess.Process"),
        call("asyncio.create_subprocess_shell", returns="asyncio.subprocess.Process"),
        methods("asyncio.subprocess.Process", "kill terminate send_signal", "ProcessLookupError", RARE),
        call("os.kill os.killpg", "ProcessLookupError", USER, depends_on="0 pid"),
        methods("os", "execv execve execvp execvpe execl execlp posix_spawn", "FileNotFoundError", RARE),
        call("multiprocessing.Pool multiprocessing.pool.Pool", returns="multiprocessing.pool.Pool"),
        methods("multiprocessing.pool.Pool", "apply_async map_async", returns="multiprocessing.pool.AsyncResult"),
        call("multiprocessing.pool.AsyncResult.get", only("multiprocessing.TimeoutError", "0 timeout"), PEER),
        # Whatever program it is: `sh.git(...)`.
        call("sh.*", "sh.ErrorReturnCode sh.CommandNotFound", PEER),
        call("pexpect.spawn", "pexpect.ExceptionPexpect", USER, returns="pexpect.spawn"),
        methods("pexpect.spawn", "expect expect_exact", "pexpect.TIMEOUT pexpect.EOF", PEER),
    ),
    exceptions="""
        multiprocessing.ProcessError sh.ErrorReturnCode < Exception
        sh.CommandNotFound < AttributeError
        multiprocessing.TimeoutError < multiprocessing.ProcessError
        subprocess:
        SubprocessError < Exception
        CalledProcessError TimeoutExpired < SubprocessError
        pexpect:
        ExceptionPexpect < Exception
        TIMEOUT EOF < ExceptionPexpect
    """,
    aliases="""
        multiprocessing.pool.ThreadPool multiprocessing.dummy.Pool = multiprocessing.pool.Pool
        asyncio.subprocess.create_subprocess_exec = asyncio.create_subprocess_exec
        subprocess32 = subprocess
        pexpect.exceptions = pexpect
    """,
)

_PSUTIL = library(
    "psutil",
    calls=(
        call("psutil.Process", "psutil.Error", USER, depends_on="0 pid", returns="psutil.Process"),
        call("psutil.process_iter", returns="[psutil.Listed]"),
        # Processes come and go while they are looked at.
        *(
            methods(
                owner,
                "name exe cmdline username cpu_percent cpu_times memory_info memory_percent open_files connections "
                "net_connections environ cwd io_counters num_threads threads children parent kill terminate suspend "
                "resume send_signal nice status",
                "psutil.Error",
                likelihood,
            )
            for owner, likelihood in (("psutil.Process", RARE), ("psutil.Listed", USER))
        ),
        call("psutil.Process.wait", ("psutil.NoSuchProcess", only("psutil.TimeoutExpired", "0 timeout")), RARE),
        call("psutil.disk_usage", "OSError", USER, depends_on="0 path"),
    ),
    exceptions="""
        psutil:
        Error < Exception
        NoSuchProcess AccessDenied TimeoutExpired < Error
        ZombieProcess < NoSuchProcess
    """,
    aliases="""
        psutil._common = psutil
    """,
)

_SSH = library(
    "SSH",
    calls=(
        classes("paramiko.SSHClient fabric.Connection"),
        call("paramiko.SSHClient.connect", "paramiko.SSHException OSError", PEER),
        methods("paramiko.SSHClient", "exec_command invoke_shell", "paramiko.SSHException", PEER),
        call("paramiko.SSHClient.open_sftp", "paramiko.SSHException", PEER, returns="paramiko.SFTPClient"),
        call("paramiko.Transport", "paramiko.SSHException", RARE, returns="paramiko.Transport"),
        methods("paramiko.Transport", "connect auth_password start_client open_session", "paramiko.SSHException", PEER),
        call("paramiko.SFTPClient.from_transport", "paramiko.SSHException", PEER, returns="paramiko.SFTPClient"),
        methods(
            "paramiko.SFTPClient",
            "get put open file listdir listdir_attr stat remove rename mkdir rmdir chdir putfo getfo",
            "OSError",
            PEER,
        ),
        call(
            "paramiko.RSAKey.from_private_key_file paramiko.Ed25519Key.from_private_key_file",
            "paramiko.SSHException OSError",
            USER,
            depends_on="0 filename",
        ),
        methods(
            "fabric.Connection", "run sudo", "invoke.exceptions.UnexpectedExit paramiko.SSHException OSError", PEER
        ),
        methods("fabric.Connection", "open put get", "paramiko.SSHException OSError", PEER),
        call("invoke.run invoke.Context.run", but("invoke.exceptions.UnexpectedExit", "warn", "True"), PEER),
        classes("scp.SCPClient"),
        methods("scp.SCPClient", "get put putfo", "scp.SCPException paramiko.SSHException", PEER),
        call("asyncssh.connect", "asyncssh.Error OSError", PEER, returns="asyncssh.SSHClientConnection"),
        methods("asyncssh.SSHClientConnection", "run", "asyncssh.Error", PEER),
    ),
    exceptions="""
        paramiko.ssh_exception.NoValidConnectionsError < OSError
        scp.SCPException < Exception
        paramiko:
        SSHException < Exception
        AuthenticationException BadHostKeyException ChannelException < SSHException
        BadAuthenticationType PasswordRequiredException < AuthenticationException
        asyncssh:
        Error < Exception
        DisconnectError ProcessError < Error
        PermissionDenied < DisconnectError
        invoke.exceptions:
        Failure < Exception
        UnexpectedExit CommandTimedOut < Failure
    """,
    aliases="""
        paramiko.ssh_exception.SSHException = paramiko.SSHException
        paramiko.ssh_exception.AuthenticationException = paramiko.AuthenticationException
        paramiko.ssh_exception.BadHostKeyException = paramiko.BadHostKeyException
        paramiko.ssh_exception.ChannelException = paramiko.ChannelException
        paramiko.ssh_exception.PasswordRequiredException = paramiko.PasswordRequiredException
        paramiko.client.SSHClient = paramiko.SSHClient
        paramiko.sftp_client.SFTPClient = paramiko.SFTPClient
        paramiko.transport.Transport = paramiko.Transport
        invoke.UnexpectedExit = invoke.exceptions.UnexpectedExit
        invoke.Failure = invoke.exceptions.Failure
        invoke.CommandTimedOut = invoke.exceptions.CommandTimedOut
        invoke.context.Context = invoke.Context
        fabric.connection.Connection = fabric.Connection
    """,
)

_OPERATIONS = library(
    "containers, clusters and repositories",
    calls=(
        # Since 2.0 the first request is made here, to ask for the API's version.
        call(
            "docker.from_env docker.DockerClient", "docker.errors.DockerException", PEER, returns="docker.DockerClient"
        ),
        methods("docker.DockerClient", "ping info version login df events", "docker.errors.DockerException", PEER),
        methods(
            "docker.DockerClient",
            "containers.get containers.run containers.create",
            "docker.errors.DockerException",
            PEER,
            returns="docker.models.containers.Container",
        ),
        call(
            "docker.DockerClient.containers.list",
            "docker.errors.DockerException",
            PEER,
            returns="[docker.models.containers.Container]",
        ),
        methods(
            "docker.DockerClient",
            "images.get images.pull images.build images.push images.list images.remove networks.create networks.get "
            "networks.list volumes.create volumes.get volumes.list containers.prune images.prune",
            "docker.errors.DockerException",
            PEER,
        ),
        methods(
            "docker.models.containers.Container",
            "start stop kill remove restart logs exec_run wait reload stats put_archive get_archive",
            "docker.errors.DockerException",
            PEER,
        ),
        call("kubernetes.config.load_kube_config", "kubernetes.config.ConfigException", USER),
        call("kubernetes.config.load_incluster_config", "kubernetes.config.ConfigException", USER),
        classes(
            "kubernetes.client.CoreV1Api kubernetes.client.AppsV1Api kubernetes.client.BatchV1Api "
            "kubernetes.client.CustomObjectsApi kubernetes.client.NetworkingV1Api "
            "kubernetes.client.RbacAuthorizationV1Api"
        ),
        call(
            "kubernetes.client.CoreV1Api.* kubernetes.client.AppsV1Api.* kubernetes.client.BatchV1Api.* "
            "kubernetes.client.CustomObjectsApi.* kubernetes.client.NetworkingV1Api.* "
            "kubernetes.client.RbacAuthorizationV1Api.*",
            "kubernetes.client.ApiException",
            PEER,
        ),
        call(
            "git.Repo",
            "git.InvalidGitRepositoryError git.NoSuchPathError",
            USER,
            depends_on="0 path",
            returns="git.Repo",
        ),
        call("git.Repo.clone_from git.Repo.clone", "git.GitCommandError", PEER, returns="git.Repo"),
        call("git.Repo.git.*", "git.GitCommandError", USER),
        call("git.Repo.remote git.Repo.remotes.origin git.Repo.create_remote", returns="git.Remote"),
        methods("git.Remote", "fetch pull push", "git.GitCommandError", PEER),
        call("git.Git.*", "git.GitCommandError", USER),
        classes("git.Git"),
    ),
    exceptions="""
        kubernetes.config.ConfigException kubernetes.client.OpenApiException < Exception
        kubernetes.client.ApiException < kubernetes.client.OpenApiException
        docker.errors:
        DockerException < Exception
        APIError < requests.HTTPError DockerException
        NotFound < APIError
        ImageNotFound < NotFound
        BuildError ContainerError ImageLoadError InvalidVersion < DockerException
        git:
        GitError ODBError < Exception
        InvalidGitRepositoryError CommandError CacheError RepositoryDirtyError < GitError
        NoSuchPathError < GitError OSError
        GitCommandError GitCommandNotFound HookExecutionError < CommandError
        BadName BadObject < ODBError
    """,
    aliases="""
        docker.client.DockerClient docker.client.from_env = docker.DockerClient
        kubernetes.client.exceptions kubernetes.client.rest = kubernetes.client
        kubernetes.config.config_exception = kubernetes.config
        kubernetes_asyncio = kubernetes
        git.exc git.repo.base = git
        git.repo.Repo = git.Repo
        git.remote.Remote = git.Remote
        git.cmd.Git = git.Git
        gitdb.exc = git
    """,
)

_COMMAND_LINES = library(
    "Command lines",
    calls=(classes("click.Group typer.Typer"),),
    exceptions="",
    aliases="""
        click.core.Group = click.Group
        typer.main.Typer = typer.Typer
    """,
)

LIBRARIES = (_COMMAND_LINES, _SUBPROCESS, _PSUTIL, _SSH, _OPERATIONS)
