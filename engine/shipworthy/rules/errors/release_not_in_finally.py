from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tree_sitter import Node

from shipworthy import borrowed, fixes, lent, origins, registered, risks
from shipworthy.document import Block
from shipworthy.language import BRACES
from shipworthy.model import Edit, Severity
from shipworthy.rule import Found, Offer, Pass, Site, js, node_rule, py
from shipworthy.syntax import (
    dotted,
    enclosing,
    function_around,
    last_word,
    own,
    positional_arguments,
    spoken,
    text_of,
    walk,
)

_GIVES_BACK = frozenset({"release", "close", "aclose", "putconn", "put_conn", "disconnect", "logout", "quit"})


def _words(block: Block) -> Iterable[str]:
    """`joins` where something is waited for until it is done: `jobs.join()`."""
    if re.search(r"\.join\(\s*\)", block.text) is not None:
        yield "joins"


@node_rule(
    "release-not-in-finally",
    severity=Severity.HINT,
    python="call|delete_statement",
    javascript="call_expression",
    extract=_words,
    cwe=(667,),
    bad=(
        py(
            """
            def add(self, row):
                self.lock.acquire()
                self.rows.append(parse(row))
                «self.lock.release()»
            """,
            fixed="""
            def add(self, row):
                self.lock.acquire()
                try:
                    self.rows.append(parse(row))
                finally:
                    self.lock.release()
            """,
        ),
        py("""
            def work(queue):
                while True:
                    job = queue.get()
                    job.run()
                    «queue.task_done()»

            def finish(queue):
                queue.join()
        """),
        js(
            """
            async function count(pool) {
              const client = await pool.connect();
              const reply = await client.query("select count(*) from jobs");
              show(reply);
              «client.release()»;
            }
            """,
            fixed="""
            async function count(pool) {
              const client = await pool.connect();
              try {
                const reply = await client.query("select count(*) from jobs");
                show(reply);
              } finally {
                client.release();
              }
            }
            """,
        ),
        js("""
            const save = async () => {
              setSaving(true);
              await api.save(form);
              «setSaving(false)»;
            };
        """),
        js("""
            async function move(client, amount) {
              await «client.query("BEGIN")»;
              await client.query("update accounts set value = value - $1", [amount]);
              await client.query("COMMIT");
            }
        """),
        py("""
            import shutil
            import tempfile

            def pack(sources):
                folder = tempfile.mkdtemp()
                fetch(sources, folder)
                show(folder)
                «shutil.rmtree(folder)»
        """),
        py("""
            def convert(data):
                with tempfile.NamedTemporaryFile(suffix=".ogg", delete=False) as file:
                    file.write(data)
                    path = file.name
                sound = decoded(path)
                «os.remove(path)»
                return sound
        """),
        py("""
            def index(shop):
                if not cache.set(f"index:{shop}", 1, nx=True):
                    return
                rebuild(shop)
                «cache.delete(f"index:{shop}")»
        """),
        py("""
            def user(pool, name):
                connection = pool.getconn()
                found = connection.cursor().execute(QUERY, (name,)).fetchone()
                «pool.putconn(connection)»
                return found
        """),
        py("""
            def count():
                session = SessionLocal()
                found = session.query(User).count()
                «session.close()»
                return found
        """),
        py("""
            def nightly():
                if LOCK_FILE.exists():
                    return
                LOCK_FILE.touch()
                copy_everything()
                «LOCK_FILE.unlink()»
        """),
        py("""
            class Lock:
                def take(self):
                    return «self.redis.set(f"job:{self.name}", self.owner, nx=True)»
        """),
        py("""
            async def connection(request):
                taken = await request.app.pool.acquire()
                yield taken
                await «request.app.pool.release(taken)»
        """),
        py("""
            def session():
                session = Session()
                yield session
                «session.close()»
        """),
        py("""
            async def page(self, url):
                await self.slots.acquire()
                text = await self.session.get(url)
                «self.slots.release()»
                return text
        """),
        py(
            """
            async def chat(room, ws):
                manager.join(room, ws)
                while True:
                    text = await ws.receive_text()
                    if text == "/quit":
                        break
                    await manager.broadcast(room, text)
                «manager.leave(room, ws)»
            """,
            fixed="""
            async def chat(room, ws):
                manager.join(room, ws)
                try:
                    while True:
                        text = await ws.receive_text()
                        if text == "/quit":
                            break
                        await manager.broadcast(room, text)
                finally:
                    manager.leave(room, ws)
            """,
        ),
        py("""
            async def handler(websocket):
                name = await websocket.recv()
                CLIENTS[name] = websocket
                async for message in websocket:
                    await broadcast(message)
                «del CLIENTS[name]»
        """),
        py("""
            async def handler(websocket):
                room = await join(websocket)
                async for message in websocket:
                    await broadcast(room, message)
                «ROOMS[room].remove(websocket)»
        """),
        py("""
            def nightly(job):
                lock.acquire()
                LOCK_FILE.touch()
                job.run()
                «lock.release()»
                LOCK_FILE.unlink()
        """),
    ),
    good=(
        py("""
            def load(self, name):
                self.lock.acquire()
                is_held = True
                try:
                    entry = self.entries.setdefault(name, Entry())
                    self.lock.release()
                    is_held = False
                    return fill(entry)
                except Exception:
                    if is_held:
                        self.lock.release()
                    raise
        """),
        py("""
            import os
            import shutil
            import tempfile

            def replace(new, old):
                backup = tempfile.mkdtemp()
                os.rmdir(backup)
                old.rename(backup)
                try:
                    new.rename(old)
                except OSError:
                    os.rename(backup, old)
                    raise
                shutil.rmtree(backup)

            def look(queue):
                while True:
                    job = queue.get()
                    job.run()
                    queue.task_done()
        """),
        py("""
            def session():
                session = Session()
                try:
                    yield session
                finally:
                    session.close()
        """),
        py("""
            @pytest.fixture
            def session():
                session = Session()
                yield session
                session.close()
        """),
        js("""
            async function count(pool) {
              const client = await pool.connect();
              try {
                show(await client.query("select count(*) from jobs"));
              } finally {
                client.release();
              }
            }
        """),
        js("""
            const save = async () => {
              setSaving(true);
              try {
                await api.save(form);
              } catch (error) {
                setError(error);
              }
              setSaving(false);
            };
        """),
        js("""
            async function move(client, amount) {
              await client.query("BEGIN");
              try {
                await client.query("update accounts set value = value - $1", [amount]);
                await client.query("COMMIT");
              } catch (error) {
                await client.query("ROLLBACK");
                throw error;
              }
            }
        """),
        py("""
            def add(self, row):
                with self.lock:
                    self.rows.append(parse(row))
        """),
        py("""
            def add(self, row):
                self.lock.acquire()
                try:
                    self.rows.append(parse(row))
                finally:
                    self.lock.release()
        """),
        py("""
            def work(queue):
                while True:
                    job = queue.get()
                    try:
                        job.run()
                    except Exception:
                        log.exception("job failed")
                    queue.task_done()
        """),
        py("""
            def work(queue):
                while True:
                    try:
                        job = queue.get_nowait()
                    except Empty:
                        sleep(1)
                    else:
                        queue.task_done()
        """),
        py("""
            import queue
            import threading

            jobs = queue.Queue()

            def work():
                while True:
                    jobs.get().run()
                    jobs.task_done()

            threading.Thread(target=work).start()
        """),
        py("""
            def stop(self):
                self.lock.release()
        """),
        py("""
            class Lock:
                def take(self):
                    return self.redis.set(f"lock:{self.name}", self.owner, nx=True, ex=60)
        """),
        py("""
            def is_new(message):
                return redis.set(f"seen:{message.id}", 1, nx=True)
        """),
        py("""
            def pack(sources):
                folder = tempfile.mkdtemp()
                try:
                    fetch(sources, folder)
                finally:
                    shutil.rmtree(folder)
        """),
        py("""
            def publish(path, text):
                handle, draft = tempfile.mkstemp()
                os.close(handle)
                os.remove(draft)
        """),
        py("""
            async def chat(room, ws):
                manager.join(room, ws)
                try:
                    async for text in ws.iter_text():
                        await manager.broadcast(room, text)
                finally:
                    manager.leave(room, ws)

            async def talk(room, ws):
                manager.join(room, ws)
                try:
                    while True:
                        await manager.broadcast(room, await ws.receive_text())
                except WebSocketDisconnect:
                    manager.leave(room, ws)

            async def listen(ws):
                clients.add(ws)
                while True:
                    try:
                        text = await ws.receive_text()
                    except WebSocketDisconnect:
                        break
                clients.discard(ws)

            def merge(rows, wanted):
                wanted.append(rows)
                for row in rows:
                    check(row)
                wanted.remove(rows)
        """),
        py("""
            def stop():
                with open(PID_FILE, "r") as file:
                    pid = int(file.read())
                os.kill(pid, 15)
                os.unlink(PID_FILE)
        """),
        py("""
            def forget(path):
                check(path)
                os.remove(path)
        """),
    ),
)
def release_not_in_finally(run: Pass, call: Node) -> Iterator[Found]:
    """What was taken is given back only if nothing fails in between.

    An exception on the way leaves the lock held or the queue waiting, and the next one who asks
    for it waits forever; a temporary file or folder stays, at each failure another one. A lock in another
    process, as one in Redis, is left held by a crash too if it never expires.

    Instead, use a `with` statement, or give it back in `finally`, and give such a lock an expiry.
    """
    yield from lent.unguarded(run, call) if run.block.language.id in BRACES else _python(run, call)


def _python(run: Pass, call: Node) -> Iterator[Found]:
    yield from _registered(run, call)
    if call.type != "call":
        return
    yield from _lent(run, call)
    if last_word(call) not in borrowed.WORDS:
        return
    if enclosing(call, {"finally_clause", "except_clause"}) is not None or risks.is_way_out(call):
        return  # one of several ways out
    if borrowed.is_lasting_lock(call, origins.class_around(run.block, call)) and not _deletes_key(call):
        message = "This lock has no expiry: if the process dies, nobody can take it any more; pass `ex=`."
        yield run.finding(call, message)
    scope, taken = function_around(call), borrowed.taken(call)
    risk = risks.between(scope, taken, call) if scope is not None and taken is not None else None
    if taken is None or risk is None or risks.is_told_before(call):
        return
    words = run.facts[run.rule.id] if last_word(call) == "task_done" else ()
    if last_word(call) == "task_done" and "joins" not in words:
        return  # nobody waits for what is counted
    if _is_given_back_on_failure(call):
        return
    function = call.child_by_field_name("function")
    related = (run.place(taken, "taken here"), run.place(risk, "may fail here"))
    word = "async with" if taken.parent is not None and taken.parent.type == "await" else "with"
    yield run.finding(call, _told(call, spoken(function), word), related=related, offers=_offers(run, taken, call))


def _is_given_back_on_failure(call: Node) -> bool:
    """Whether a handler of the function gives the same back: somebody has thought of failures."""
    scope, function = function_around(call), text_of(call.child_by_field_name("function") or call)
    return scope is not None and any(
        text_of(node.child_by_field_name("function") or node) == function
        for node in walk(scope)
        if node.type == "call" and enclosing(node, {"except_clause"}) is not None
    )


def _registered(run: Pass, removal: Node) -> Iterator[Found]:
    """A connection that a failing loop over its messages leaves on the list of those that are open."""
    found = registered.missed(removal)
    if found is None:
        return
    said = f"`{spoken(removal.child_by_field_name('function'))}` is" if removal.type == "call" else "this is"
    message = f"If the connection breaks, {said} never reached and the dead one stays on the list: use `finally`."
    related = (run.place(found.registration, "registered here"), run.place(found.loop, "may fail here"))
    yield run.finding(removal, message, related=related, offers=_offers(run, found.registration, removal))


def _told(call: Node, said: str, word: str) -> str:
    """What a message says of a call that gives back; `word`: the statement that does so by itself."""
    if borrowed.is_temporary(call):
        return f"If anything fails before it, `{said}` is not called and what it removes stays: call it in `finally`."
    is_lock = said.endswith(".release") and not positional_arguments(call)
    advice = f"use `{word} {said.rpartition('.')[0]}:`" if is_lock else "call it in `finally`"
    return f"If anything fails before it, `{said}` is never called: {advice}."


def _deletes_key(taken: Node) -> bool:
    """Whether the function that sets a key deletes it too: then that call has the finding, if there is one."""
    scope = function_around(taken)
    return scope is not None and any(
        node.type == "call" and borrowed.taken(node) == taken and risks.between(scope, taken, node) is not None
        for node in own(scope)
    )


def _lent(run: Pass, call: Node) -> Iterator[Found]:
    """What a generator lends by its one `yield`, a dependency or a context manager, and gives back behind it."""
    method = last_word(call)
    scope = function_around(call) if method in _GIVES_BACK else None
    if scope is None or enclosing(call, {"finally_clause", "except_clause"}) is not None:
        return
    lends = borrowed.lends(scope)
    lent = lends.named_children[0] if lends is not None else None
    if lends is None or lent is None or lends.end_byte > call.start_byte:
        return
    receiver = dotted(call.child_by_field_name("function")).rpartition(".")[0]
    given = [text_of(one) for one in positional_arguments(call)]
    if text_of(lent) not in {receiver, *given} or (given and text_of(lent) not in given):
        return
    taken = next((node for node in own(scope, "assignment") if _makes(node, lent)), None)
    if taken is not None:
        said = spoken(call.child_by_field_name("function"))
        message = f"If whoever uses `{text_of(lent)}` fails, `{said}` is never called: call it in `finally`."
        yield run.finding(
            call, message, related=(run.place(taken, "taken here"),), offers=_offers(run, lends, call, whole=True)
        )


def _makes(assignment: Node, name: Node) -> bool:
    """Whether an assignment gives a variable what a call gives."""
    target, value = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
    if value is not None and value.type == "await":
        value = value.named_children[0]
    return target is not None and value is not None and target.text == name.text and value.type == "call"


def _offers(run: Pass, taken: Node, given: Node, *, whole: bool = False) -> tuple[Offer, ...]:
    """Put what stands between taking and giving back into a `try`, and giving back into its `finally`; the `whole` with
    the statement that begins it, as a `yield` that lends.
    """
    start, end = fixes.statement_of(taken), fixes.statement_of(given)
    if start is None or end is None or start.parent != end.parent or start.parent is None:
        return ()
    begin = start.start_byte if whole else start.end_byte
    between = [child for child in start.parent.named_children if begin <= child.start_byte < end.start_byte]
    moved = [child for child in between if child.type != "comment"]
    if not moved or end.type != "expression_statement" or not fixes.can_indent([start, *moved, end]):
        return ()

    def edits(site: Site) -> Iterator[Edit]:
        yield from fixes.put_under(site, "try:", moved[0], moved[-1])
        yield from fixes.put_under(site, "finally:", end, end)

    return (run.offer("Give it back in `finally`", edits),)
