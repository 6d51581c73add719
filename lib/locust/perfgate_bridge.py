"""What perf-run --engine locust does within Locust; perfgate_locust.py is the locustfile.

It finds what to do in a plan (JSON, from the descriptor that PERFGATE_LOCUST_PLAN numbers): the
users of a scenario, which become FastHttpUser classes (perfgate_scenario.py), or a locustfile,
whose classes it takes over as they are. It says what happens on the descriptor that
PERFGATE_LOCUST_RESULT numbers, a line of JSON each time, until the end; a worker has none. The
figures are those of Locust's own statistics. Only two things about them are changed: response
times are kept to 1/128 of their size, where Locust rounds to two digits, and beside them stands
what each second of the measured time had.

What it needs of Locust it looks for, whatever the version says: some packages say none at all.
"""
import hashlib
import json
import os
import re
import sys
import time
import traceback

WORKERS_WAIT_S = 60
ANSWER_WAIT_S = 10
INTERRUPT_WAIT_S = 2
SILENCE_S = 30    # of a master, after which its worker ends
ERRORS_KEPT = 200
TEXT_KEPT = 400


def descriptor(name):
    text = os.environ.get(name, "")
    return int(text) if text else None


RESULT = descriptor("PERFGATE_LOCUST_RESULT")


def tell(kind, **members):
    """A line for perf-run."""
    if RESULT is None:
        return
    data = (json.dumps({"kind": kind, **members}) + "\n").encode()
    while data:
        data = data[os.write(RESULT, data):]


def fail(text):
    """Ends this process: nothing can be measured."""
    if RESULT is None:
        sys.stderr.write("perf-run: " + text + "\n")
    else:
        tell("error", text=text)
    sys.stderr.flush()
    os._exit(1)


def read_plan():
    number = descriptor("PERFGATE_LOCUST_PLAN")
    if number is None:
        fail("perfgate_bridge.py is run by perf-run --engine locust, and not by itself")
    return json.loads(os.pread(number, os.fstat(number).st_size, 0))


PLAN = read_plan()


def fingerprint():
    """Of what is sent, which is to be the same on all machines; no secret is in it."""
    if PLAN["locustfile"]:
        with open(PLAN["locustfile"], "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    sent = {key: PLAN[key] for key in ("host", "connect_timeout_s", "request_timeout_s", "seed",
                                       "new_connections", "verify", "variables", "classes")}
    return hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()


FINGERPRINT = fingerprint()  # now: the plan is compiled in place

try:
    import logging

    import gevent
    import locust
    import locust.runners
    from gevent.event import Event
    from locust import events
    from locust.runners import MasterRunner, Runner, WorkerRunner
    from locust.stats import StatsEntry, StatsError
    from locust.user.users import User
    from locust.contrib.fasthttp import FastHttpUser

    for owner, feature in ((events, "request"), (events, "init"), (events, "quitting"),
                           (events, "spawning_complete"), (events, "report_to_master"),
                           (events, "test_stopping"), (Runner, "spawn_users"),
                           (StatsEntry, "_log_response_time"), (FastHttpUser, "client_pool"),
                           (MasterRunner, "register_message"), (WorkerRunner, "_send_stats")):
        if not hasattr(owner, feature):
            raise ImportError("it has no '%s'" % feature)
except ImportError as error:
    fail("this Locust is too old, or not whole (%s): expected 2.12 or newer; update it" % error)

# A master takes a worker that tells no version for one from before 2.0, and refuses it.
if not getattr(locust.runners, "__version__", ""):
    locust.runners.__version__ = "perfgate"
locust.runners.WORKER_REPORT_INTERVAL = 1.0


# ---- what is measured ----

class Measure:
    """The measured time of this process."""

    def __init__(self):
        self.began = None     # time.monotonic() at its begin
        self.ended = False    # nothing new is sent by the users of a scenario
        self.in_flight = 0    # requests of theirs
        self.seconds = {}     # by number: [failures, sum in ms, bytes, {ms: count}]
        self.without_time = 0

    def second(self):
        if self.began is None:
            return None
        number = int(time.monotonic() - self.began)
        found = self.seconds.get(number)
        if found is None:
            found = self.seconds[number] = [0, 0.0, 0, {}]
        return found

    def begin(self, stats):
        stats.clear_all()
        self.seconds = {}
        self.began = time.monotonic()

    def drain(self, limit_s):
        """Lets the requests in flight end; those of a locustfile cannot be told from others."""
        self.ended = True
        until = time.monotonic() + limit_s
        while self.in_flight and time.monotonic() < until:
            gevent.sleep(0.01)

    def take_seconds(self):
        taken, self.seconds = self.seconds, {}
        return taken

    def add_seconds(self, others):
        for number, (failures, total, size, times) in others.items():
            mine = self.seconds.setdefault(int(number), [0, 0.0, 0, {}])
            mine[0] += failures
            mine[1] += total
            mine[2] += size
            for key, count in times.items():
                mine[3][key] = mine[3].get(key, 0) + count


MEASURE = Measure()


def bucket(response_ms):
    """The middle of the bucket of lib/stats/histogram.h, in ms."""
    value = max(0, int(response_ms * 1e6))
    shift = value.bit_length() - 7
    if shift <= 0:
        return value / 1e6
    return ((value >> shift << shift) + (1 << shift >> 1)) / 1e6


locust_log_response_time = StatsEntry._log_response_time
locust_log = StatsEntry.log
locust_log_error = StatsEntry.log_error


def log_response_time(entry, response_time):
    if response_time is None:
        MEASURE.without_time += 1
        locust_log_response_time(entry, response_time)
        return
    entry.total_response_time += response_time
    if entry.min_response_time is None or response_time < entry.min_response_time:
        entry.min_response_time = response_time
    if response_time > entry.max_response_time:
        entry.max_response_time = response_time
    key = bucket(response_time)
    entry.response_times[key] = entry.response_times.get(key, 0) + 1
    if entry.stats is not None and entry.stats.total is entry:
        second = MEASURE.second()
        if second is not None:
            second[1] += response_time
            second[3][key] = second[3].get(key, 0) + 1


def log(entry, response_time, content_length):
    locust_log(entry, response_time, content_length)
    if entry.stats is not None and entry.stats.total is entry:
        second = MEASURE.second()
        if second is not None:
            second[2] += content_length or 0


def log_error(entry, error):
    locust_log_error(entry, error)
    if entry.stats is not None and entry.stats.total is entry:
        second = MEASURE.second()
        if second is not None:
            second[0] += 1


StatsEntry._log_response_time = log_response_time
StatsEntry.log = log
StatsEntry.log_error = log_error


# ---- what is told ----

def plain(text):
    """As JSON can hold it: a locustfile may name a request anything."""
    return str(text).encode(errors="replace").decode().replace("\0", "?")


def to_ns(ms):
    return int(round((ms or 0) * 1e6))


def pairs(times):
    """[ns, count, ns, count, ...], ascending."""
    flat = []
    for key in sorted(times):
        flat += [to_ns(key), times[key]]
    return flat


KINDS = (
    ("refused", re.compile(r"ConnectionRefused|Connection refused|\[Errno 111\]")),
    ("timeout", re.compile(r"[Tt]imeout|timed out")),
    ("tls", re.compile(r"SSL|certificate")),
    ("reset", re.compile(r"ConnectionReset|ConnectionClosed|RemoteDisconnected|Broken pipe")),
    ("status", re.compile(r"BadStatusCode|HTTPError|code=\d")),
    ("expectation", re.compile(r"CatchResponseError|ResponseError|AssertionError")),
)


def error_row(row):
    """Failures of a scenario name their kind, in square brackets; of others it is guessed."""
    text = StatsError.parse_error(row.error) if not isinstance(row.error, str) else row.error
    own = re.match(r"\[(\w+)\] (.*)", text, re.S)
    kind = own.group(1) if own else "exception"
    if own:
        text = own.group(2)
    else:
        kind = next((name for name, pattern in KINDS if pattern.search(text)), kind)
        wrapped = re.match(r"CatchResponseError\((['\"])(.*)\1,?\)$", text, re.S)
        text = wrapped.group(2) if wrapped else text
    return {"method": plain(row.method or ""), "name": plain(row.name), "error": kind,
            "text": plain(text[:TEXT_KEPT]), "count": row.occurrences}


def exception_row(row):
    places = re.findall(r'File "([^"]+)", line (\d+)', row["traceback"])
    place = "'%s' line %s: " % places[-1] if places else ""
    return {"text": plain((place + str(row["msg"]))[:TEXT_KEPT]), "count": row["count"]}


def endpoint_row(entry):
    times = pairs(entry.response_times)
    return {"method": plain(entry.method or ""), "name": plain(entry.name),
            "failures": entry.num_failures, "sum_ns": to_ns(entry.total_response_time),
            "min_ns": to_ns(entry.min_response_time), "max_ns": to_ns(entry.max_response_time),
            "bytes": entry.total_content_length,
            "without_time": entry.num_none_requests, "times": times}


class Teller:
    """What the process with the statistics tells: how far it is, and all figures so far."""

    def __init__(self, environment):
        self.environment = environment
        self.runner = environment.runner
        self.told = 0          # seconds that were told
        self.users = {}        # by number of the second
        self.final = False

    def progress(self):
        total = self.runner.stats.total
        tell("progress", users=self.runner.user_count, requests=total.num_requests,
             failures=total.num_failures)

    def tell_seconds(self, before):
        while self.told < before:
            failures, total, size, times = MEASURE.seconds.get(self.told, (0, 0.0, 0, {}))
            users = self.users.get(self.told, self.runner.user_count)
            tell("second", at=self.told, users=users, failures=failures, sum_ns=to_ns(total),
                 bytes=size, times=pairs(times))
            self.told += 1

    def state(self, final=False):
        if MEASURE.began is None or self.final:
            return
        elapsed = time.monotonic() - MEASURE.began
        stats = self.runner.stats
        number = int(elapsed)
        self.users.setdefault(number - 1, self.runner.user_count)
        if final:
            self.tell_seconds(max(MEASURE.seconds, default=-1) + 1)
        else:
            self.tell_seconds(number - 4)  # workers tell theirs a second later
        errors = sorted(stats.errors.values(), key=lambda row: -row.occurrences)[:ERRORS_KEPT]
        tell("state", duration_ns=int((self.ended_at(elapsed)) * 1e9),
             endpoints=[endpoint_row(entry) for entry in list(stats.entries.values())
                        if entry.num_requests > entry.num_none_requests],
             errors=[error_row(row) for row in errors],
             exceptions=[exception_row(row) for row in list(self.runner.exceptions.values())[:20]],
             busy=bool(getattr(self.runner, "cpu_warning_emitted", False)
                       or getattr(self.runner, "worker_cpu_warning_emitted", False)))

    end_s = None

    def ended_at(self, elapsed):
        return elapsed if self.end_s is None else self.end_s

    def stopped(self):
        """The test ends without our doing: by a load shape, --run-time or a signal."""
        if MEASURE.began is not None and self.end_s is None:
            self.end_s = time.monotonic() - MEASURE.began

    def finish(self):
        self.state(final=True)
        if MEASURE.began is not None and not self.final:
            self.final = True
            tell("end")


# ---- phases, which a master shares with its workers ----

class Follower:
    """A worker: does what the master says and tells it when that is done. Locust's worker would go
    on for ever where its master is gone."""

    def __init__(self, runner):
        self.runner = runner
        self.silent_s = None  # until it is heard for the first time
        runner.register_message("perfgate_phase", self.on_phase)
        gevent.spawn(self.watch)

    def on_phase(self, environment, msg, **_kwargs):
        self.silent_s = 0
        if msg.data != "going":
            gevent.spawn(self.do, msg.data)

    def do(self, phase):
        if phase == "begin":
            MEASURE.begin(self.runner.stats)
        elif phase == "end":
            MEASURE.drain(PLAN["request_timeout_s"])
            self.runner._send_stats()
        self.runner.send_message("perfgate_done", {"phase": phase, "plan": FINGERPRINT})

    def watch(self):
        while self.silent_s is None or self.silent_s < SILENCE_S:
            gevent.sleep(1)
            if self.silent_s is not None:
                self.silent_s += 1
        fail("the master of Locust has said nothing for %d s: this worker ends" % SILENCE_S)


def present(runner):
    return {client.id for client in runner.clients.all if client.state != "missing"}


class Phases:
    def __init__(self, runner):
        self.runner = runner
        self.is_master = isinstance(runner, MasterRunner)
        self.done = set()
        self.others = set()  # workers that send something else
        if self.is_master:
            runner.register_message("perfgate_done", self.on_done)
            gevent.spawn(self.keep_going)

    def keep_going(self):
        while True:
            self.runner.send_message("perfgate_phase", "going")
            gevent.sleep(1)

    def on_done(self, environment, msg, **_kwargs):
        self.done.add((msg.node_id, msg.data["phase"]))
        if msg.data["plan"] != FINGERPRINT:
            self.others.add(msg.node_id)

    def ask_workers(self, phase, limit_s):
        """Those that are there and do not answer."""
        until = time.monotonic() + limit_s
        asked = present(self.runner)
        self.runner.send_message("perfgate_phase", phase)
        while True:
            silent = {name for name in asked & present(self.runner)
                      if (name, phase) not in self.done}
            if not silent or time.monotonic() >= until:
                return silent
            gevent.sleep(0.01)

    def must(self, phase):
        """Before anything is measured all workers have to do as they are told."""
        if not self.is_master:
            return
        for name in self.ask_workers(phase, ANSWER_WAIT_S):
            fail("the worker '%s' of Locust did not answer within %d s: start it with perf-run "
                 "--engine locust, and look at its messages" % (name, ANSWER_WAIT_S))
        for name in self.others:
            fail("the worker '%s' of Locust would send something else: start it with the same "
                 "file, --host, --think-scale, --seed, --include and --exclude as the master"
                 % name)

    def begin(self):
        self.must("begin")
        MEASURE.begin(self.runner.stats)

    def end(self, limit_s):
        """Workers that did not hand in what they have."""
        if self.is_master:
            return self.ask_workers("end", limit_s)
        MEASURE.drain(min(limit_s, PLAN["request_timeout_s"]))
        return set()


# ---- the conductor ----

STARTED, SPAWNED = Event(), Event()


class Conductor:
    """Begins the measured time when all users run and the warm-up is over, and ends it."""

    def __init__(self, environment):
        self.environment = environment
        self.runner = environment.runner
        self.teller = Teller(environment)
        self.phases = Phases(self.runner)
        self.seen = set()
        self.quitting = self.collecting = False
        self.collected = Event()
        self.started = None  # time.monotonic()
        self.run_time_s = self.take_run_time()
        if self.phases.is_master:
            self.quit_runner, runner_quit = self.runner.quit, self.quit
            self.runner.quit = runner_quit

    def take_run_time(self):
        """Locust's --run-time, which is left to us: its own end gives workers half a second to hand
        in what they have."""
        options = self.environment.parsed_options
        seconds = getattr(options, "run_time", None)
        if self.environment.shape_class or not isinstance(seconds, (int, float)) or not seconds:
            return None
        options.run_time = None
        return seconds

    def duration(self):
        options = self.environment.parsed_options
        if self.environment.shape_class or getattr(options, "run_time", None):
            return float("inf")
        if self.run_time_s is None:
            return PLAN["duration_s"]
        left = self.run_time_s - (time.monotonic() - self.started)
        if left <= 0:
            fail("--run-time is over before all users run and the warm-up has passed: give a "
                 "longer one, or --duration in place of it")
        return left

    def check_shape(self):
        if self.environment.shape_class and PLAN.get("given"):
            fail("the locustfile has a load shape, which says itself how many users there are and "
                 "how long: leave out %s" % " and ".join(PLAN["given"]))

    def wait(self, event):
        while not event.wait(0.25):
            self.teller.progress()
            self.look_before()

    def wait_for_start(self):
        if not PLAN["workers"]:
            self.wait(STARTED)
        elif not STARTED.wait(WORKERS_WAIT_S):
            fail("of %d workers of Locust only %d came within %d s; see their messages above"
                 % (PLAN["workers"], len(present(self.runner)), WORKERS_WAIT_S))

    def warm_up(self):
        if self.environment.shape_class:
            return
        self.wait(SPAWNED)
        until = time.monotonic() + PLAN["warmup_s"]
        while time.monotonic() < until:
            gevent.sleep(min(0.25, max(0, until - time.monotonic())))
            self.teller.progress()
            self.look_before()

    def look_before(self):
        if self.seen and not self.look_for_lost():
            fail("all workers of Locust were lost before anything was measured; see their messages")

    def look_for_lost(self):
        """False: no worker is left."""
        if not self.phases.is_master or self.quitting:
            return True
        now = present(self.runner)
        for name in sorted(self.seen - now):
            tell("lost", worker=name)
        self.seen = now
        return bool(now)

    def measure(self):
        duration = self.duration()
        number = 0
        while True:
            number += 1
            left = min(number, duration) - (time.monotonic() - MEASURE.began)
            gevent.sleep(max(0, left))
            if number >= duration:
                self.teller.end_s = self.teller.end_s or float(duration)
                return
            self.teller.state()
            self.teller.progress()
            if not self.look_for_lost():
                return

    def collect(self, limit_s):
        """Gets what workers have not handed in yet, before Locust ends them; once."""
        if MEASURE.began is None:
            return
        if self.collecting:
            self.collected.wait(limit_s)
            return
        self.collecting = True
        self.look_for_lost()
        silent = self.phases.end(limit_s)
        self.look_for_lost()
        self.quitting = True
        for name in sorted(silent):
            tell("lost", worker=name)
        self.collected.set()

    def quit(self):
        """In place of the master's own, which a load shape, a locustfile or the last worker's end
        calls."""
        self.teller.stopped()
        self.collect(ANSWER_WAIT_S)
        self.teller.finish()  # before workers end, which then are not lost
        self.quit_runner()

    def on_quitting(self):
        """The process ends; where nothing has collected yet, by a signal."""
        self.teller.stopped()
        self.collect(INTERRUPT_WAIT_S)
        self.teller.state()

    def run(self):
        options = self.environment.parsed_options
        self.check_shape()
        self.wait_for_start()
        self.started = time.monotonic()
        self.phases.must("check")
        if self.phases.is_master:
            self.seen = present(self.runner)
        self.warm_up()
        self.phases.begin()
        hosts = [getattr(user, "host", None) for user in self.environment.user_classes]
        tell("begin", host=self.environment.host or next((h for h in hosts if h), None) or "",
             locust=str(locust.__version__ or ""), users=self.runner.user_count,
             expected=0 if self.environment.shape_class else int(options.num_users or 0))
        self.measure()
        self.collect(PLAN["request_timeout_s"] + ANSWER_WAIT_S)
        self.teller.finish()
        self.runner.quit()


class Once(logging.Filter):
    """Lets each message pass once: a task that raises does so again and again."""

    def __init__(self):
        super().__init__()
        self.seen = set()

    def filter(self, record):
        text = record.getMessage()
        if text in self.seen or len(self.seen) > 100:
            return False
        self.seen.add(text)
        return True


def conduct(environment, runner):
    logging.getLogger("locust.user.task").addFilter(Once())
    logging.getLogger("locust.stats_logger").setLevel(logging.CRITICAL)
    environment.reset_stats = False  # the measured time begins where perf-run says
    if isinstance(runner, WorkerRunner):
        Follower(runner)
        events.report_to_master.add_listener(
            lambda client_id, data, **_k: data.update(perfgate=MEASURE.take_seconds()))
        return
    if not environment.parsed_options.headless:
        fail("an option, LOCUST_HEADFUL or a configuration file of Locust's asks for its web page: "
             "take it away")
    events.worker_report.add_listener(
        lambda client_id, data, **_k: MEASURE.add_seconds(data.get("perfgate", {})))
    events.test_start.add_listener(lambda **_k: STARTED.set())
    events.spawning_complete.add_listener(lambda **_k: SPAWNED.set())
    conductor = Conductor(environment)
    events.test_stop.add_listener(lambda **_k: conductor.teller.stopped())
    # Where the conductor has ended the test all was told; else these are the last figures.
    events.quitting.add_listener(lambda **_k: conductor.on_quitting())
    if hasattr(events, "quit"):
        events.quit.add_listener(lambda **_k: conductor.teller.finish())
    greenlet = gevent.spawn(conductor.run)
    greenlet.link_exception(lambda g: fail("perfgate_bridge.py: %r" % g.exception))


def on_init(environment, runner, **_kwargs):
    """Locust would go on without us."""
    try:
        conduct(environment, runner)
    except Exception as error:
        fail("perfgate_bridge.py: %r" % error)


events.init.add_listener(on_init)

locust_connect = WorkerRunner.connect_to_master


def connect_to_master(runner):
    """Comes before any event, and a worker waits long for a master."""
    if RESULT is not None:
        fail("LOCUST_MODE_WORKER, or a configuration file of Locust's, makes a worker of it: give "
             "--worker behind --, or take it away")
    return locust_connect(runner)


WorkerRunner.connect_to_master = connect_to_master

locust_run = User.run


def run(user, *arguments, **keywords):
    """What on_start raises ends the user, and Locust counts it nowhere."""
    try:
        return locust_run(user, *arguments, **keywords)
    except Exception as error:
        user.environment.events.user_error.fire(user_instance=user, exception=error,
                                                tb=error.__traceback__)
        logging.getLogger("locust.user.task").error("%s\n%s", error, traceback.format_exc())


User.run = run

locust_spawn_users = Runner.spawn_users


def spawn_users(runner, *arguments, **keywords):
    """What the constructor of a user raises ends Locust's start, which then never is complete."""
    try:
        return locust_spawn_users(runner, *arguments, **keywords)
    except Exception as error:
        if MEASURE.began is not None:
            raise
        if any(getattr(user, "host", "") is None for user in runner.user_classes):
            fail("the locustfile names no host: give --host")
        fail("no user can be made: %s: %s; mend the locustfile" % (type(error).__name__, error))


Runner.spawn_users = spawn_users


# ---- the users ----

def load_locustfile(path):
    """The classes of a locustfile, which is run as Locust would run it."""
    from importlib.machinery import SourceFileLoader
    from importlib.util import module_from_spec, spec_from_loader
    directory, name = os.path.split(os.path.abspath(path))
    sys.path.insert(0, os.getcwd())
    sys.path.insert(0, directory)
    module_name = os.path.splitext(name)[0]
    loader = SourceFileLoader(module_name, os.path.join(directory, name))
    module = module_from_spec(spec_from_loader(module_name, loader))
    sys.modules[module_name] = module
    try:
        loader.exec_module(module)
    except SyntaxError as error:
        fail("'%s' line %s: it is no Python: %s; mend it" % (path, error.lineno, error.msg))
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__)
                 if frame.filename == os.path.join(directory, name)]
        fail("'%s' line %s: it raised %s: %s; mend it"
             % (path, lines[-1] if lines else "?", type(error).__name__, error))
    return {key: value for key, value in vars(module).items() if isinstance(value, type)}


def classes():
    """The classes for Locust to find, by name."""
    path = PLAN["locustfile"]
    if not path:
        import perfgate_scenario
        return perfgate_scenario.classes_of(PLAN, MEASURE)
    found = load_locustfile(path)
    if not any(issubclass(value, User) and value.abstract is False for value in found.values()):
        fail("'%s' has no class of users: expected one derived from HttpUser, FastHttpUser or User"
             % path)
    return found
