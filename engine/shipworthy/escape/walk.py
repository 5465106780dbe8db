"""What may escape from one function, by its operations and by the summaries of what it calls as they are now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from shipworthy.escape import absent, catalogue, handed, shrugs, stored, watching
from shipworthy.escape.catalogue import Known, Likelihood
from shipworthy.escape.catching import Types, passes_on
from shipworthy.escape.earlier import Earlier, opens_to_write, writes
from shipworthy.escape.escaping import (
    CHOICE,
    GETTING,
    GIVEN,
    HIDDEN,
    ITEM,
    LASTING,
    Escaping,
    Key,
    Origin,
    Round,
    Summary,
    taken_by,
)
from shipworthy.escape.expressions import PARTED
from shipworthy.escape.flows import ANSWER, LISTED, MARKS, NOWHERE, OUTSIDE, WATCHED, is_validated
from shipworthy.escape.ir import (
    SPLIT,
    Branch,
    Call,
    Function,
    Handler,
    Item,
    Loop,
    Operation,
    Path,
    Try,
    Use,
    With,
    Yield,
    within,
)
from shipworthy.escape.meanings import (
    Container,
    External,
    Instance,
    Meaning,
    ProjectClass,
    ProjectFunction,
    ProjectObject,
    options_of,
)
from shipworthy.escape.program import Name, Unit
from shipworthy.escape.records import are_records
from shipworthy.escape.refusals import ANY, REFUSED, SAVING, UNIQUE, looks_up, refusal
from shipworthy.escape.values import FOUND, OPENED, Values, is_of_name
from shipworthy.escape.words import (
    ANSWER_PARTS,
    CHECKED_MAPPINGS,
    CHECKING_NAME,
    COLUMNS,
    CONNECTION,
    LOOKING,
    MAPPING,
    MAY_BE_EMPTY,
    MEASURING,
    MESSAGES,
    OF_TABLE,
    READING,
    RUNNER_METHODS,
    RUNNERS,
    WRITING,
    is_aggregate,
)
from shipworthy.facts.model import ABSENT, NUMBERS, UNMATCHED

if TYPE_CHECKING:
    from shipworthy.escape.summaries import Summaries

_ANYTHING = frozenset({"Exception", "BaseException"})
_LISTED = frozenset({LISTED})
_OPENING = frozenset({"OSError", "FileNotFoundError"})
_OPENERS = frozenset({"open", "pathlib.Path.open"})
"""Calls that open files. One that they write is the program's own choice where its path is made of the user's words."""
_LOADING = LOOKING | stored.DECODERS | stored.HANDWRITTEN
"""Calls that read a file or take it apart."""
_LEFT = frozenset({"worker", "consumer", "batch"})
"""The kinds of loops that a handler outside of them must not end in silence."""


def _runs_python(call: Call) -> bool:
    """Whether a call runs the interpreter that runs this program: that is there."""
    return "executable" in call.names or any("sys.executable" in flow for flow in call.arguments)


def _is_checked_by_framework(source: Path) -> bool:
    """Whether a framework answers 400 itself if a key is missing: Flask's `request.form` does so, and what `form()` of
    Starlette gives does not.
    """
    return "request.form()" not in source and any(word in source for word in CHECKED_MAPPINGS)


def summary_of(summaries: Summaries, unit: Unit, name: Name) -> tuple[Summary, frozenset[Name]]:
    """What may escape from a function, and which functions it calls."""
    function = unit.functions[name.function]
    walk = _Walk(summaries, unit, name, function)
    found = walk.operations(function.body, None)
    is_told = any(exception == GIVEN for exception, _ in found)
    if (is_told or function.may_give_none) and _is_generator(function):
        found = {key: one for key, one in found.items() if key[0] != GIVEN}  # it gives something in any case
    elif function.may_give_none and not is_told:
        found |= _said_to_be_none(name, function)
    if any(CHECKING_NAME.search(one.path) for one in function.decorators):
        found = {key: one for key, one in found.items() if one.origin.what != ITEM}
    for types in summaries.catching.decorated(unit, function):
        found = {key: one for key, one in found.items() if not walk.is_caught(one, types)}
    return found, frozenset(walk.calls)


class _Walk:
    """One function's operations, with the summaries of what it calls as they are now."""

    def __init__(self, summaries: Summaries, unit: Unit, name: Name, function: Function) -> None:
        self._all, self._unit, self._name, self._function = summaries, unit, name, function
        self.calls: set[Name] = set()
        self._rows: list[tuple[str, frozenset[str] | None]] = []
        self._looked: set[str] = set()
        self._tables: set[Meaning] = set()
        self._watches = False
        self._earlier = Earlier()
        self._values = Values(summaries, unit, function)

    def operations(self, operations: Iterable[Operation], loop: tuple[Loop, Round] | None) -> dict[Key, Escaping]:
        """What may escape from a sequence of operations."""
        found: dict[Key, Escaping] = {}
        for one in operations:
            if isinstance(one, Call):
                self._call(one, loop, found)
            elif isinstance(one, Item):
                self._item(one, loop, found)
            elif isinstance(one, Use):
                self._use(one, loop, found)
            elif isinstance(one, Try):
                self._try(one, loop, found)
            elif isinstance(one, With):
                self._with(one, loop, found)
            elif isinstance(one, Branch):
                inside = self.operations(one.body, loop)
                _add(found, ((key, it._replace(needs=it.needs | {one.needs})) for key, it in inside.items()))
            elif isinstance(one, Loop):
                inner = one, self._round(one)
                around = loop if loop is not None and _outlasts(loop[1], inner[1]) else inner
                _update(found, self.operations(one.body, around))
        return found

    def _call(self, call: Call, loop: tuple[Loop, Round] | None, found: dict[Key, Escaping]) -> None:
        if call.callee:
            self._earlier.note(call)
            if looks_up(call.callee):
                self._looked |= self._models(call) or {ANY}
            for meaning in options_of(self._resolve(call.callee)):
                self._called(call, meaning, loop, found)

    def _called(
        self, call: Call, meaning: Meaning, loop: tuple[Loop, Round] | None, found: dict[Key, Escaping]
    ) -> None:
        if isinstance(meaning, External | Instance):
            name = meaning.name if isinstance(meaning, External) else meaning.type
            if name in RUNNERS or call.callee.rpartition(".")[2] in RUNNER_METHODS:
                self._run(call, name, loop, found)
            known = catalogue.known(name)
            if known is not None:
                self._known(call, name, known, loop, found)
            if exception := refusal(name):
                self._refused(call, name, exception, loop, found)
            return
        if isinstance(meaning, ProjectClass):
            self._rows.append((meaning.name, self._row(call, meaning)))
        target = self._target(meaning)
        if meaning is None and (known := catalogue.known(f"?.{call.callee.rpartition('.')[2]}")) is not None:
            self._known(call, call.callee.rpartition(".")[2], known, loop, found)
        if target is None:
            if call.callee.rpartition(".")[2] in RUNNER_METHODS:
                self._run(call, "", loop, found)
            return
        callee = self._all.program.units[target.path].functions.get(target.function)
        if callee is not None and (call.awaited or not callee.is_async or _is_generator(callee)):
            self._inner(call, target, callee, loop, found)

    def _target(self, meaning: Meaning) -> Name | None:
        if isinstance(meaning, ProjectFunction):
            return meaning.name
        if isinstance(meaning, ProjectClass):
            meaning = self._all.names.method(meaning, "__init__")
            return meaning.name if isinstance(meaning, ProjectFunction) else None
        if isinstance(meaning, ProjectObject):
            meaning = self._all.names.method(meaning, "__call__")
            return meaning.name if isinstance(meaning, ProjectFunction) else None
        return None

    def _run(self, call: Call, name: str, loop: tuple[Loop, Round] | None, found: dict[Key, Escaping]) -> None:
        """A call that runs functions it is given: as coroutines `f()`, or by name."""
        if ("return_exceptions", "True") in call.constants:
            return
        if name.rpartition(".")[2] in MAPPING and (loop is None or loop[1].kind not in LASTING):
            each = Loop(call.at, "", call.names, False, False, ())
            loop = each, Round(self._name, call.at, "batch")
        for place, path in call.paths:
            first = int(place) + 1 if place.isdigit() and not path.endswith(("()", "}")) else 0
            target = self._target(self._resolve(path.strip("{*}").removesuffix("()")))
            callee = self._all.program.units[target.path].functions.get(target.function) if target is not None else None
            is_result = path.rstrip("}").endswith("()") and callee is not None and not callee.is_async
            if target is not None and callee is not None and not is_result:
                self._inner(call, target, callee, loop, found, first)

    def _inner(
        self,
        call: Call,
        target: Name,
        callee: Function,
        loop: tuple[Loop, Round] | None,
        found: dict[Key, Escaping],
        first: int = 0,
    ) -> None:
        """A call of a function of the project, whose arguments begin with the `first` one of the call."""
        self.calls.add(target)
        summary = self._all.of(target)
        loaded = self._earlier.loaded(call)
        self._earlier.note_inner(call)
        if not summary or target == self._name:  # what it raises when it calls itself arises in it anyway
            return
        given, unset = handed.given(call, callee, first), handed.unset(call, callee, first)
        tested, loaded = handed.tested(call, callee, first), handed.at(loaded, callee, first)
        opened = self._opened(summary, given)
        for key, one in summary.items():
            if one.exception == GIVEN or (self._looked and one.exception.endswith(REFUSED)):
                continue
            if not one.needs.isdisjoint(unset):
                continue  # the branch that it arises in is not taken
            if one.dropped is not None and (loop is not None or not _is_lasting(one.round)):
                continue  # nothing comes out of it, and the loop that ended is begun anew
            condition = one.condition
            likelihood = one.likelihood
            if condition is not None:
                condition = self._values.handed_over(condition, given, one.origin.what)
                if condition == NOWHERE:
                    continue
                names = {name.rstrip("!") for name in one.condition or ()}
                is_tested = one.origin.what in LOOKING and (
                    not tested.isdisjoint(names)
                    or all(self._values.is_found(given.get(name, NOWHERE)) for name in names)
                )
                if is_tested or (one.origin.what in _LOADING and not loaded.isdisjoint(names)):
                    likelihood = Likelihood.RARE  # the caller has looked whether it is there, or has read it before
            is_of_own = one.condition is not None and LISTED in one.condition  # no item of a loop around the call
            inner = self._of_round(call.names, loop) if not is_of_own or _is_lasting_loop(loop) else None
            if one.round is not None and not (inner is not None and _outlasts(inner, one.round)):
                inner = one.round
            hop = (call.at, target)
            it = one._replace(condition=condition, likelihood=likelihood, round=inner, hop=hop, needs=NOWHERE)
            _add(found, [(key, it)])
        for flow in opened:
            self._earlier.note_opened(flow, call.names)

    def _opened(self, summary: Summary, given: Mapping[str, frozenset[str]]) -> set[frozenset[str]]:
        """Where the files come from that a function has opened when it is over, of those that it is given."""
        conditions = (one.condition for one in summary.values() if one.origin.what in READING and one.condition)
        names = {name[:-1] for condition in conditions for name in condition if name.endswith("!")}
        return {given[name] for name in names if name in given}

    def _known(
        self, call: Call, name: str, known: Known, loop: tuple[Loop, Round] | None, found: dict[Key, Escaping]
    ) -> None:
        condition = OUTSIDE
        most = Likelihood.PEER
        is_own = is_made = False
        flows = [flow for place in known.depends_on for flow in _flows_at(call, place)]
        if known.depends_on:
            flows = [frozenset(atom for atom in flow if self._values.counts(name, atom)) for flow in flows]
            if name in NUMBERS and any(map(is_of_name, flows)):
                return  # names of files have the form that a program has given them
            if name in stored.DECODERS:
                flows = [stored.content(flow, self._unit.marks) for flow in flows]
            is_named_so = name in _OPENERS and opens_to_write(name, call)
            condition = self._values.condition(flows, itself=name in WRITING or is_named_so, what=name)
            if name in NUMBERS and condition is not None and any("json" in atom for flow in flows for atom in flow):
                condition = condition - MARKS  # a number in somebody else's JSON is one
            if condition == NOWHERE and watching.is_watched(name, call, self._unit.marks):
                condition = frozenset({WATCHED})
                self._watches = True
            if condition == NOWHERE and not any(one.always for one in known.raised):
                return
            itself = self._values.condition(flows, itself=True) if name in READING else NOWHERE
            if condition is not None:
                condition |= itself or NOWHERE  # it is the very file that was named
            is_made = itself == NOWHERE and self._earlier.has_made(name, flows)
            if name in READING:
                is_made = is_made or any(self._earlier.has_opened(flow, call.names) for flow in flows)
                for flow in flows:
                    self._earlier.note_opened(flow, call.names)
            is_own = condition is not None and not condition.isdisjoint(stored.MARKS) and name not in LOOKING
            if not is_own and self._values.is_all(OPENED, flows):
                most = Likelihood.USER  # a file of the program's own, or of its user: no request
        is_listed = name in LOOKING and (condition == _LISTED or self._values.is_all(FOUND, flows))
        if taken_by(name) == CHOICE:
            table = Instance(name.removesuffix(GETTING))
            if table in self._tables:
                return
            self._tables.add(table)
        constants = dict(call.constants)
        given = {*map(str, range(len(call.arguments))), *(name for name, _ in call.keywords)}
        is_of_form = any(map(is_validated, (*call.arguments, *(flow for _, flow in call.keywords))))
        for raised in known.raised:
            on = OUTSIDE if raised.always else condition
            if on == NOWHERE or not raised.applies(constants, given):
                continue
            if raised.exception == "FileNotFoundError" and _runs_python(call):
                continue
            if raised.exception.rpartition(".")[2] in call.names:
                continue  # it is among what the call is to give back: `child.expect([PROMPT, pexpect.TIMEOUT])`
            if raised.exception == "sqlalchemy.exc.NoResultFound" and is_aggregate(call.names):
                continue
            if is_listed and raised.exception in _OPENING:
                if not self._watches or name not in MEASURING:
                    continue  # what was found in a folder is there
                on = frozenset({WATCHED})  # unless others take it away while the program goes on
            guarded = call.guarded and (bool(known.depends_on) or name.startswith("queue.")) and not is_of_form
            is_settled = (guarded or is_made) and not is_own
            is_settled = is_settled and not (self._watches and is_listed)
            likelihood = Likelihood.RARE if is_settled else min(most, raised.likelihood or known.likelihood)
            origin = Origin(self._name, call.at, taken_by(name))
            if self._looked and raised.exception.endswith(REFUSED):
                continue
            # Of numbers that are written in one text, one that is none is not one of many: the text is no list of them.
            is_part = name in NUMBERS and loop is not None and loop[0].source == SPLIT
            inner = self._of_round(call.names, loop) if not is_part else None
            written = raised.exception == "OSError" and writes(name, call)
            found[raised.exception, origin] = Escaping(
                raised.exception,
                (),
                likelihood,
                origin,
                on,
                inner,
                written=written,
                said=shrugs.has_said(call, raised.exception),
            )

    def _refused(
        self, call: Call, name: str, exception: str, loop: tuple[Loop, Round] | None, found: dict[Key, Escaping]
    ) -> None:
        """A call writes rows of which there may be one already: what was made before, or what it is given."""
        if name in SAVING:
            rows = self._rows
        else:
            model = self._resolve(call.callee.partition(".objects")[0].removesuffix(".create"))
            rows = [(model.name, self._row(call, model))] if isinstance(model, ProjectClass) else []
        conditions = [row for model, row in rows if row != NOWHERE and model not in self._looked]
        if not conditions or ANY in self._looked:
            return
        condition = OUTSIDE if None in conditions else frozenset(name for row in conditions for name in row or ())
        origin = Origin(self._name, call.at, name)
        inner = self._of_round(call.names, loop)
        found[exception, origin] = Escaping(exception, (), Likelihood.USER, origin, condition, inner)

    def _models(self, call: Call) -> set[str]:
        """The models with rows that differ in a column of which a call asks for rows."""
        named = {self._resolve(name) for name in {call.callee.partition(".")[0], *call.names}}
        models = [one for one in named if isinstance(one, ProjectClass)]
        return {one.name for one in models if self._is_unique(one)}

    def _is_unique(self, model: ProjectClass) -> bool:
        """Whether there is a column in which the rows of a model differ."""
        return any(one.startswith(f"{model.name}.{UNIQUE}") for one in self._all.program.units[model.path].attributes)

    def _row(self, call: Call, model: ProjectClass) -> frozenset[str] | None:
        """On which condition somebody else says what stands in a column in which the rows of a model differ."""
        attributes = self._all.program.units[model.path].attributes
        columns = {one for one, _ in call.keywords if f"{model.name}.{UNIQUE}{one}" in attributes}
        if any(one == "**" for one, _ in call.keywords) and self._is_unique(model):
            columns.add("**")
        return self._values.condition([flow for one, flow in call.keywords if one in columns])

    def _item(self, item: Item, loop: tuple[Loop, Round] | None, found: dict[Key, Escaping]) -> None:
        """A key that a peer may have left out."""
        by_key = item.exception == "KeyError"
        if item.guarded or (by_key and _is_checked_by_framework(item.source)):
            return
        if item.chosen and not by_key:
            self._unmatched(item, loop, found)
            return
        holder = self._resolve(item.source)
        is_table = isinstance(holder, Container) and holder.by_key
        if item.chosen and not is_table and not self._values.is_loaded(item.source):
            return
        if item.exception == "IndexError" and item.source.endswith("()") and not item.source.endswith(PARTED):
            self._empty(item, loop, found)
            return
        if COLUMNS in self._unit.marks and OF_TABLE.search(item.source):
            return
        row = catalogue.known(f"{holder.type}[]") if isinstance(holder, Instance) else None
        if row is not None and (not row.raised or holder in self._tables):
            return  # a mapping of a library, whose keys are there; of a table one report tells of all its columns
        # Of the arguments that a parser gives, each is there; of a server's answer, each that is documented.
        given = frozenset(one for one in item.container if not self._values.is_checked(one))
        condition = self._values.condition([given], itself=True)
        # What `get` was asked for may be missing, by the program's own word.
        sure = MARKS - {ANSWER} if by_key and item.source.endswith(".get()") else MARKS
        condition = condition - sure if condition is not None else OUTSIDE
        if condition == NOWHERE:
            return
        what = CHOICE if item.chosen or row is not None else ITEM
        self._tables |= {holder} if row is not None else set()
        origin = Origin(self._name, item.at, what)
        inner = self._of_round(item.names, loop)
        found[item.exception, origin] = Escaping(
            item.exception, (), self._values.of_content(given), origin, condition, inner
        )

    def _unmatched(self, item: Item, loop: tuple[Loop, Round] | None, found: dict[Key, Escaping]) -> None:
        """One of those items that meet a condition, of which there may be none: if the items come from outside."""
        condition = self._values.condition([item.container], what=UNMATCHED)
        if condition != NOWHERE:
            origin = Origin(self._name, item.at, UNMATCHED)
            inner = self._of_round(item.names, loop)
            likelihood = self._values.of_content(item.container)
            found[item.exception, origin] = Escaping(item.exception, (), likelihood, origin, condition, inner)

    def _use(self, use: Use, loop: tuple[Loop, Round] | None, found: dict[Key, Escaping]) -> None:
        """What a call gives is used, or given back, that may be None: if what it looks for comes from outside."""
        call = use.call
        condition, source = (NOWHERE, None) if call.guarded else self._nothing(use)
        if condition == NOWHERE or source is None:
            return
        if use.exception == GIVEN:
            found[GIVEN, source] = Escaping(GIVEN, (), Likelihood.PEER, source, condition)
            return
        elsewhere = (source.name, source.at) if source.at != call.at or source.name != self._name else None
        origin = Origin(self._name, call.at, ABSENT, elsewhere)
        inner = self._of_round(call.names, loop)
        found[use.exception, origin] = Escaping(use.exception, (), Likelihood.PEER, origin, condition, inner)

    def _nothing(self, use: Use) -> tuple[frozenset[str] | None, Origin | None]:
        """On which condition a call gives None, and where nothing was found then."""
        call = use.call
        meaning = self._resolve(call.callee)
        if isinstance(meaning, ProjectFunction):
            callee = self._all.program.units[meaning.name.path].functions[meaning.name.function]
            if meaning.name == self._name or (callee.is_async and not call.awaited):
                return NOWHERE, None
            self.calls.add(meaning.name)
            unset = handed.unset(call, callee)
            if callee.demands and unset.issuperset(callee.demands):
                return NOWHERE, None
            found = [one for one in self._all.of(meaning.name).values() if one.exception == GIVEN]
            given = [one for one in found if one.needs.isdisjoint(unset)]
            one = min(given, key=lambda one: (one.origin.name, one.origin.at.start), default=None)
            if one is None:
                return NOWHERE, None
            over = one.condition and self._values.handed_over(one.condition, handed.given(call, callee), ABSENT)
            return over, one.origin
        if use.asks or (isinstance(meaning, External) and meaning.name in absent.LOOK_UPS):
            return self._values.condition([use.keys]), Origin(self._name, call.at, ABSENT)
        return NOWHERE, None

    def _empty(self, item: Item, loop: tuple[Loop, Round] | None, found: dict[Key, Escaping]) -> None:
        """An item of all that there is of something, of which there may be nothing."""
        called = self._resolve(item.source.removesuffix("()"))
        if isinstance(called, External) and called.name in MAY_BE_EMPTY:
            origin = Origin(self._name, item.at, CHOICE)
            inner = self._of_round(item.names, loop)
            found[item.exception, origin] = Escaping(item.exception, (), Likelihood.USER, origin, OUTSIDE, inner)

    def _try(self, one: Try, loop: tuple[Loop, Round] | None, found: dict[Key, Escaping]) -> None:
        loaded = self._earlier.so_far()
        body = self.operations(one.body, loop)
        self._earlier.forget(loaded)
        raised = {key[0] for key in body}
        for handler in one.handlers:
            if shrugs.says_first(handler):
                body = {
                    key: it._replace(said=True) if self.is_caught(it, handler.types) else it for key, it in body.items()
                }
            if not passes_on(handler):
                left = [(key, it, self._handled(it, handler, loop is not None)) for key, it in body.items()]
                body = {key: after for key, _, after in left if after is not None}
                if handler.types is None or not _ANYTHING.isdisjoint(handler.types):
                    body |= {
                        (HIDDEN, it.origin): it._replace(exception=HIDDEN, round=None)
                        for _, it, after in left
                        if after is None and self._is_hidden(it)
                    }
        for handler in one.handlers:
            found.update(
                (key, it)
                for key, it in self.operations(handler.body, loop).items()
                if it.likelihood >= Likelihood.PEER and it.condition is OUTSIDE and key[0] not in raised
            )
        _update(found, self.operations(one.otherwise, loop))
        _update(found, self.operations(one.finally_, loop))
        _update(found, body)

    def _is_hidden(self, one: Escaping) -> bool:
        """Whether a function that is called uses what itself has looked up, and not found."""
        return one.origin.what == ABSENT and one.origin.source is None and one.origin.name != self._name

    def _handled(self, it: Escaping, handler: Handler, begins_anew: bool) -> Escaping | None:
        """What is left of an error behind a handler: a loop that should have gone on is over for good if the handler
        outside of it says nothing.
        """
        if it.dropped is not None or not self.is_caught(it, handler.types):
            return it
        if handler.hollow is None or begins_anew or it.round is None or it.round.kind not in _LEFT:
            return None
        if it.round.kind == "batch" and (handler.tells or shrugs.is_plain(it)):
            return None  # who started the work reads what ended it; or all items are one text, good or not
        return it._replace(dropped=(self._name, handler.hollow))

    def _with(self, one: With, loop: tuple[Loop, Round] | None, found: dict[Key, Escaping]) -> None:
        body = self.operations(one.body, loop)
        if one.types:
            body = {key: it for key, it in body.items() if not self.is_caught(it, one.types)}
        for manager in one.managers:
            if manager.rpartition(".")[2] == "suppress()":
                continue
            for name, types in self._all.catching.managed(self._unit, self._function, manager):
                body = {key: it for key, it in body.items() if not self.is_caught(it, types, name)}
        _update(found, body)

    def _of_round(self, names: frozenset[str], loop: tuple[Loop, Round] | None) -> Round | None:
        """The loop that an error ends, if what reads these names has to do with the loop at all."""
        if loop is None:
            return None
        statement, here = loop
        depends = here.kind in LASTING or not statement.targets.isdisjoint(names)
        return here if depends else None

    def _round(self, loop: Loop) -> Round:
        return Round(self._name, loop.at, self._kind(loop), shrugs.are_lines(loop), shrugs.only_gathers(loop))

    def _kind(self, loop: Loop) -> str:
        yields = any(isinstance(one, Yield) for one in within(loop.body))
        if loop.forever:
            return "" if yields else "worker"  # of a generator, whoever reads it decides
        if are_records(self._function, loop, self._unit.marks):
            return "records"
        source = loop.source.lower()
        meaning = self._resolve(loop.source.removesuffix("[]")) if loop.source else None
        type_name = (
            meaning.type if isinstance(meaning, Instance) else meaning.name if isinstance(meaning, External) else ""
        )
        consumes = (
            "consumer" in source
            or source.endswith(("listen()", "iter_messages()"))
            or "Consumer" in str(type_name)
            or (loop.is_async and MESSAGES.search(f"{source} {type_name}"))
        )
        if consumes and not yields and not loop.seeks:
            if ANSWER_PARTS.search(source) or "connect()" in source:
                return "answer"  # of a server that the program has asked for it, which sends what it documents
            return "connection" if CONNECTION.search(f"{source} {type_name}") else "consumer"
        return "batch" if loop.targets else ""

    def is_caught(self, one: Escaping, types: Types, handling: Name | None = None) -> bool:
        """Whether a handler of these types deals with an exception, in the function or in another one."""
        unit, function = self._unit, self._function
        if handling is not None and handling != self._name:
            unit = self._all.program.units[handling.path]
            function = unit.functions[handling.function]
        is_raised = one.exception not in {GIVEN, HIDDEN}
        return is_raised and self._all.catching.is_caught(unit, function, one.exception, one.bases, types)

    def _resolve(self, path: Path) -> Meaning:
        return self._all.names.resolve(self._unit, self._function, path)


def _add(found: dict[Key, Escaping], more: Iterable[tuple[Key, Escaping]]) -> None:
    """Add what escapes; what does so already needs no more than both of them say."""
    for key, one in more:
        known = found.get(key)
        found[key] = one if known is None else known._replace(needs=known.needs & one.needs)


def _update(found: dict[Key, Escaping], more: Mapping[Key, Escaping]) -> None:
    """Put what escapes in the place of what does so already; it needs no more than both of them say."""
    for key, one in more.items():
        known = found.get(key) if one.needs else None
        found[key] = one if known is None else one._replace(needs=known.needs & one.needs)


def _said_to_be_none(name: Name, function: Function) -> dict[Key, Escaping]:
    """What a function's summary says that gives None at times, whatever it depends on."""
    origin = Origin(name, function.at, ABSENT)
    condition = frozenset(function.bound())
    return {(GIVEN, origin): Escaping(GIVEN, (), Likelihood.PEER, origin, condition)} if condition else {}


def _is_lasting_loop(loop: tuple[Loop, Round] | None) -> bool:
    return loop is not None and _is_lasting(loop[1])


def _is_lasting(around: Round | None) -> bool:
    return around is not None and around.kind in LASTING


def _outlasts(outer: Round, inner: Round) -> bool:
    """Whether it is the outer loop that matters: one that should never end, around one that does."""
    return outer.kind in LASTING and inner.kind not in LASTING


def _is_generator(function: Function) -> bool:
    return any(isinstance(one, Yield) for one in within(function.body))


def _flows_at(call: Call, place: str) -> list[frozenset[str]]:
    if place == "self":
        return [call.receiver]
    if place == "*":
        return [*call.arguments, *(flow for _, flow in call.keywords)]
    if place.isdigit():
        return [call.arguments[int(place)]] if int(place) < len(call.arguments) else []
    return [flow for name, flow in call.keywords if name == place]
