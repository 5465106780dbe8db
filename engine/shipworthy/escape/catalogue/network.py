"""The standard library's network: sockets, TLS, mail, FTP, XML-RPC, and asyncio's streams and timeouts."""

from __future__ import annotations

from shipworthy.escape.catalogue.model import PEER, RARE, USER, but, call, classes, library, methods, only, rather

_SOCKETS = library(
    "sockets",
    calls=(
        classes("socket.socket"),
        call("socket.create_connection", "OSError", PEER, returns="socket.socket"),
        call("socket.create_server", "OSError", USER, depends_on="0 address", returns="socket.socket"),
        methods("socket.socket", "connect send sendall sendto sendfile sendmsg", "OSError", PEER),
        methods("socket.socket", "recv recvfrom recvmsg", "OSError", PEER, returns="outside.bytes"),
        methods("socket.socket", "recv_into recvfrom_into", "OSError", PEER),
        call("socket.socket.bind", "OSError", USER, depends_on="0"),
        call(
            "socketserver.TCPServer socketserver.UDPServer socketserver.ThreadingTCPServer http.server.HTTPServer "
            "http.server.ThreadingHTTPServer",
            "OSError",
            USER,
            depends_on="0 server_address",
        ),
        methods("socket.socket", "accept listen shutdown", "OSError", RARE),
        call("socket.socket.makefile", returns="socket.file"),
        methods("socket.file", "read readline readlines", "OSError", PEER, returns="outside"),
        call("socket.file[]", returns="outside"),
        methods("socket.file", "write flush __iter__", "OSError", PEER),
        methods("socket", "getaddrinfo gethostbyname gethostbyname_ex", "socket.gaierror", PEER),
        call("socket.gethostbyaddr", ("socket.herror", rather(RARE, "socket.gaierror")), PEER),
        call("socket.inet_aton", "OSError", PEER, depends_on="0"),
        call("socket.inet_pton", "OSError", PEER, depends_on="1"),
        call("select.select", "OSError", RARE),
        call("ssl.create_default_context", returns="ssl.SSLContext"),
        classes("ssl.SSLContext"),
        call("ssl.SSLContext.wrap_socket ssl.wrap_socket", "OSError", PEER, returns="socket.socket"),
        call("ssl.SSLContext.load_cert_chain ssl.SSLContext.load_verify_locations", "OSError", RARE),
        call("ssl.get_server_certificate ssl.SSLSocket.do_handshake", "OSError", PEER),
    ),
    exceptions="""
        socket.gaierror socket.herror < OSError
        ssl:
        SSLError < OSError
        SSLCertVerificationError < SSLError ValueError
        SSLEOFError SSLWantReadError SSLWantWriteError SSLZeroReturnError < SSLError
    """,
    aliases="""
        socket.timeout = TimeoutError
        Queue = queue
        ssl.CertificateError = ssl.SSLCertVerificationError
        ssl.socket_error = OSError
        ssl.SSLSocket.recv = socket.socket.recv
        ssl.SSLSocket.send = socket.socket.send
        ssl.SSLSocket.sendall = socket.socket.sendall
        ssl.SSLSocket.connect = socket.socket.connect
    """,
)

_PROTOCOLS = library(
    "protocols",
    calls=(
        # Neither covers the other: a refused connection is a plain OSError.
        call(
            "smtplib.SMTP",
            (only("OSError", "0 host"), only("smtplib.SMTPException", "0 host")),
            PEER,
            returns="smtplib.SMTP",
        ),
        call("smtplib.SMTP.connect", "OSError smtplib.SMTPException", PEER),
        methods("smtplib.SMTP", "login sendmail send_message starttls ehlo", "smtplib.SMTPException", PEER),
        call("smtplib.SMTP.quit smtplib.SMTP.noop", "smtplib.SMTPException", RARE),
        call("aiosmtplib.send", "aiosmtplib.SMTPException", PEER),
        classes("aiosmtplib.SMTP"),
        methods("aiosmtplib.SMTP", "connect login sendmail send_message starttls", "aiosmtplib.SMTPException", PEER),
        call("yagmail.SMTP.send flask_mail.Mail.send", "smtplib.SMTPException OSError", PEER),
        classes("yagmail.SMTP flask_mail.Mail"),
        call("imap_tools.MailBox", "OSError", PEER, returns="imap_tools.MailBox"),
        methods(
            "imap_tools.MailBox",
            "login fetch delete move copy flag append",
            "imap_tools.errors.ImapToolsError imaplib.IMAP4.error",
            PEER,
        ),
        call("ftplib.FTP", only("OSError", "0 host"), PEER, returns="ftplib.FTP"),
        call("ftplib.FTP.connect", "OSError", PEER),
        methods(
            "ftplib.FTP",
            "login cwd retrbinary retrlines storbinary storlines nlst mlsd dir delete rename mkd rmd size pwd sendcmd",
            "ftplib.Error",
            PEER,
        ),
        call("imaplib.IMAP4", "OSError", PEER, returns="imaplib.IMAP4"),
        methods(
            "imaplib.IMAP4",
            "login authenticate select search fetch store copy expunge append list uid status",
            "imaplib.IMAP4.error",
            PEER,
        ),
        call("poplib.POP3", "OSError", PEER, returns="poplib.POP3"),
        methods("poplib.POP3", "user pass_ stat list retr dele top uidl", "poplib.error_proto", PEER),
        call(
            "telnetlib.Telnet", only("OSError", "0 host"), PEER, returns="telnetlib.Telnet", since="Python before 3.13"
        ),
        call("telnetlib.Telnet.open telnetlib.Telnet.write", "OSError", PEER),
        methods(
            "telnetlib.Telnet", "read_until read_all expect read_some", "OSError EOFError", PEER, returns="outside"
        ),
        classes("xmlrpc.client.ServerProxy"),
        call("xmlrpc.client.ServerProxy.*", "xmlrpc.client.Error OSError", PEER),
    ),
    exceptions="""
        poplib.error_proto imap_tools.errors.ImapToolsError < Exception
        imap_tools.errors.MailboxLoginError < imap_tools.errors.ImapToolsError
        smtplib:
        SMTPException < OSError
        SMTPNotSupportedError SMTPServerDisconnected SMTPResponseException < SMTPException
        SMTPRecipientsRefused < SMTPException
        SMTPSenderRefused SMTPDataError SMTPConnectError SMTPHeloError < SMTPResponseException
        SMTPAuthenticationError < SMTPResponseException
        aiosmtplib:
        SMTPException < Exception
        SMTPResponseException < SMTPException
        SMTPTimeoutError < SMTPException TimeoutError
        SMTPConnectError < SMTPException ConnectionError
        ftplib:
        Error < Exception
        error_reply error_temp error_perm error_proto < Error
        all_errors < Error OSError EOFError
        imaplib.IMAP4:
        error < Exception
        abort < error
        readonly < abort
        xmlrpc.client:
        Error < Exception
        Fault ProtocolError < Error
    """,
    aliases="""
        smtplib.SMTP_SSL smtplib.LMTP = smtplib.SMTP
        aiosmtplib.errors = aiosmtplib
        ftplib.FTP_TLS = ftplib.FTP
        imap_tools.MailBoxUnencrypted imap_tools.MailBoxTls = imap_tools.MailBox
        imap_tools.MailboxLoginError = imap_tools.errors.MailboxLoginError
        yagmail.sender.Client yagmail.Client = yagmail.SMTP
        imaplib.IMAP4_SSL = imaplib.IMAP4
        poplib.POP3_SSL = poplib.POP3
        xmlrpc.client.Server xmlrpclib.ServerProxy = xmlrpc.client.ServerProxy
    """,
)

_ASYNCIO = library(
    "asyncio",
    calls=(
        call("asyncio.wait_for", but("TimeoutError", "1 timeout", "None"), PEER),
        call("asyncio.timeout asyncio.timeout_at async_timeout.timeout", but("TimeoutError", "0", "None"), PEER),
        call("anyio.fail_after", but("TimeoutError", "0 delay", "None"), PEER),
        call("trio.fail_after", "trio.TooSlowError", PEER),
        call("asyncio.open_connection asyncio.open_unix_connection anyio.connect_tcp", "OSError", PEER),
        methods("asyncio.StreamReader", "read readline", "ConnectionError", PEER, returns="outside.bytes"),
        methods(
            "asyncio.StreamReader",
            "readexactly readuntil",
            "asyncio.IncompleteReadError",
            PEER,
            returns="outside.bytes",
        ),
        call("asyncio.StreamWriter.drain", "ConnectionError", PEER),
        call("asyncio.StreamWriter.wait_closed asyncio.StreamWriter.start_tls", "ConnectionError", RARE),
        call("asyncio.start_server", "OSError", USER, depends_on="1 2 host port"),
        call(
            "asyncio.get_event_loop asyncio.get_running_loop asyncio.new_event_loop",
            returns="asyncio.AbstractEventLoop",
        ),
        methods("asyncio.AbstractEventLoop", "create_connection getaddrinfo sock_connect", "OSError", PEER),
        methods("asyncio.AbstractEventLoop", "sock_recv", "OSError", PEER, returns="outside.bytes"),
        call("asyncio.AbstractEventLoop.sock_sendall", "OSError", PEER),
        classes("asyncio.Queue queue.Queue"),
        call("asyncio.Queue.get_nowait", "asyncio.QueueEmpty", RARE),
        call("asyncio.Queue.put_nowait", "asyncio.QueueFull", RARE),
        call("queue.Queue.get", (only("queue.Empty", "1 timeout"), only("queue.Empty", "0 block", "False")), USER),
        call("queue.Queue.get_nowait", "queue.Empty", RARE),
        call("queue.Queue.put queue.Queue.put_nowait", "queue.Full", RARE),
        classes("concurrent.futures.ThreadPoolExecutor concurrent.futures.ProcessPoolExecutor"),
        methods("concurrent.futures", "ThreadPoolExecutor.submit", returns="concurrent.futures.Future"),
        methods("concurrent.futures", "ProcessPoolExecutor.submit", returns="concurrent.futures.Future"),
        methods("concurrent.futures.Future", "result exception", only("TimeoutError", "0 timeout"), RARE),
        call("concurrent.futures.as_completed", only("TimeoutError", "1 timeout"), PEER),
        call("asyncio.run_coroutine_threadsafe", returns="concurrent.futures.Future"),
    ),
    exceptions="""
        threading.BrokenBarrierError < RuntimeError
        concurrent.futures.process.BrokenProcessPool < concurrent.futures.BrokenExecutor
        queue.Empty queue.Full trio.TooSlowError < Exception
        asyncio:
        CancelledError < BaseException
        IncompleteReadError < EOFError
        LimitOverrunError InvalidStateError QueueEmpty QueueFull < Exception
        BrokenBarrierError < RuntimeError
        concurrent.futures:
        CancelledError InvalidStateError < Exception
        BrokenExecutor < RuntimeError
    """,
    aliases="""
        asyncio.TimeoutError asyncio.exceptions.TimeoutError = TimeoutError
        concurrent.futures.TimeoutError concurrent.futures._base.TimeoutError = TimeoutError
        asyncio.exceptions asyncio.streams asyncio.queues asyncio.events = asyncio
        asyncio.PriorityQueue asyncio.LifoQueue = asyncio.Queue
        queue.PriorityQueue queue.LifoQueue queue.SimpleQueue multiprocessing.Queue Queue.Queue = queue.Queue
        concurrent.futures.thread concurrent.futures._base = concurrent.futures
    """,
)

LIBRARIES = (_SOCKETS, _PROTOCOLS, _ASYNCIO)
