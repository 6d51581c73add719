"""The users of a scenario (perfgate-scenario(5)) as classes of Locust.

perf-run has checked the scenario and resolved what is by default; what is left to do here is to
send the requests as the native engine does. Each class is a FastHttpUser and sends through its
client's connections; redirects, time-outs and expectations are handled here, so that they mean the
same on both engines. Regular expressions are the C library's, because Python's have another
syntax and prefer another match.
"""
import base64
import ctypes
import errno
import itertools
import json
import random
import re
import time
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import urljoin, urlsplit

import gevent
from geventhttpclient.client import HTTPClientPool
from geventhttpclient.header import Headers
from geventhttpclient.response import HTTPConnectionClosed
from locust.contrib.fasthttp import FastHttpUser
from locust.exception import StopUser

import perfgate_coding

MAX_REDIRECTS = 10
VALUE_LIMIT = 64 << 10
PIECE = 64 << 10
REDIRECTS = frozenset((301, 302, 303, 307, 308))
BACK_OFF_S, BACK_OFF_MAX_S = 0.1, 1.0


class Failure(Exception):
    """A failed request. Its repr() is what Locust keeps."""

    def __init__(self, kind, text):
        super().__init__(kind, text)
        self.kind = kind

    def __repr__(self):
        return "[%s] %s" % self.args


class TooLate(Exception):
    """A time-out is over, which one the text says."""


# ---- texts with ${name} ----

def percent(text, kept, blank=None):
    out = []
    for byte in text.encode():
        char = chr(byte)
        if byte < 128 and (char.isalnum() or char in kept):
            out.append(char)
        else:
            out.append(blank if blank and char == " " else "%%%02X" % byte)
    return "".join(out)


def path_literal(text):
    return "".join(chr(b) if 0x20 < b < 0x7f else "%%%02X" % b for b in text.encode())


def component(text):
    return percent(text, "-._~")


def form_part(text):
    return percent(text, "*-._", "+")


def header_value(text):
    if re.search("[\r\n\0]", text):
        raise Failure("expectation", "the value of a header holds a line break, which it cannot")
    return text


def json_content(text):
    return re.sub(r'["\\\x00-\x1f]', lambda m: "\\" + m.group() if m.group() in '"\\'
                  else "\\u%04x" % ord(m.group()), text)


def as_is(text):
    return text


# What becomes of literals, and of values.
RAW, PATH, QUERY, FORM, HEADER, JSON = ((as_is, as_is), (path_literal, component),
                                        (component, component), (form_part, form_part),
                                        (header_value, header_value), (as_is, json_content))

NAME = re.compile(r"\$\$\{|\$\{([A-Za-z_0-9]+)\}")


class Variables:
    """The declared ones and the environment's."""

    def __init__(self, plan):
        self.environment = plan["environment"]
        self.declared = {}
        for variable in plan["variables"]:
            self.declared[variable["name"]] = self.drawn(variable)

    def drawn(self, variable):
        if "random" in variable:
            low, high = variable["random"]
            return lambda draw: str(draw.randint(low, high))
        texts = [self.fill_environment(text) for text in variable["texts"]]
        return lambda draw: draw.choice(texts)

    def fill_environment(self, text):
        return NAME.sub(lambda m: self.environment[m.group(1)] if m.group(1) else "${", text)

    def value(self, name, user):
        if name in user.captured:
            return user.captured[name]
        if name in self.declared:
            return self.declared[name](user.draw)
        raise Failure("expectation", "'${%s}' has no value yet: nothing captured it" % name)


class Template:
    """parts: texts as they are, and (name, escape)."""

    def __init__(self, variables):
        self.variables = variables
        self.parts = []

    def literal(self, text):
        if text and self.parts and isinstance(self.parts[-1], str):
            self.parts[-1] += text
        elif text:
            self.parts.append(text)

    def add(self, text, context):
        escape_literal, escape_value = context
        at = 0
        for match in NAME.finditer(text):
            self.literal(escape_literal(text[at:match.start()]))
            name = match.group(1)
            if name is None:
                self.literal(escape_literal("${"))
            elif name in self.variables.environment:
                self.literal(escape_value(self.variables.environment[name]))
            else:
                self.parts.append((name, escape_value))
            at = match.end()
        self.literal(escape_literal(text[at:]))
        return self

    def add_pairs(self, pairs, before, context):
        for name, value in pairs:
            self.literal(before)
            self.add(name, context).literal("=")
            self.add(value, context)
            before = "&"
        return self

    def fixed(self):
        return all(isinstance(part, str) for part in self.parts)

    def fill(self, user):
        parts = self.parts
        if len(parts) == 1 and isinstance(parts[0], str):
            return parts[0]
        return "".join([part if isinstance(part, str)
                        else part[1](self.variables.value(part[0], user)) for part in parts])


# ---- regular expressions ----

class Match(ctypes.Structure):
    _fields_ = [("start", ctypes.c_int), ("end", ctypes.c_int)]


LIBC = ctypes.CDLL(None)
REG_EXTENDED, REG_NEWLINE, REG_STARTEND = 1, 4, 4
GROUPS = 10


class Regex:
    """POSIX extended, as regcomp() of glibc has it."""

    def __init__(self, text, group):
        self.group = group
        self.compiled = ctypes.create_string_buffer(1024)  # a regex_t, which is smaller
        if LIBC.regcomp(self.compiled, text.encode(), REG_EXTENDED | REG_NEWLINE):
            raise ValueError("'%s' is no POSIX extended regular expression" % text)

    def find(self, body):
        matches = (Match * GROUPS)()
        matches[0].end = len(body)
        if LIBC.regexec(self.compiled, body, GROUPS, matches, REG_STARTEND):
            return None
        found = matches[self.group]
        return None if found.start < 0 else body[found.start:found.end].decode(errors="replace")


# ---- responses ----

MISSING = object()


def pointed(value, pointer):
    """RFC 6901."""
    for token in pointer.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and re.fullmatch("0|[1-9][0-9]*", token) \
                and int(token) < len(value):
            value = value[int(token)]
        else:
            return MISSING
    return value


def kind_of(value):
    return "number" if type(value) in (int, float) else type(value).__name__


def equal(a, b):
    """Python takes true for 1."""
    if kind_of(a) != kind_of(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(equal, a, b))
    return float(a) == float(b) if kind_of(a) == "number" else a == b


class Response:
    def __init__(self, raw, body, jar):
        self.status, self.headers, self.coded, self.jar = raw.status_code, raw.headers, body, jar
        self.parsed = self.decoded = MISSING

    @property
    def body(self):
        if self.decoded is MISSING:
            try:
                if self.coded is None:
                    raise perfgate_coding.Unreadable("the body is over 8 MiB and is not looked "
                                                     "into")
                self.decoded = perfgate_coding.undo(self.header("content-encoding"), self.coded)
            except perfgate_coding.Unreadable as error:
                raise Failure("expectation", str(error)) from None
        return self.decoded

    def json(self):
        if self.parsed is MISSING:
            try:
                self.parsed = json.loads(self.body)
            except ValueError:
                self.parsed = None
        return self.parsed

    def header(self, name):
        return self.headers.getheaders(name) if name in self.headers else []

    def cookie(self, name):
        return next((cookie.value for cookie in self.jar if cookie.name == name), None)


class AnyDomain(DefaultCookiePolicy):
    """All requests with cookies go to one host, and Domain is ignored, as by lib/load/cookie.h."""

    def set_ok(self, cookie, request):
        cookie.domain, cookie.domain_specified = Jar.DOMAIN, False
        return True

    def domain_return_ok(self, domain, request):
        return True

    def return_ok_domain(self, cookie, request):
        return True


class Jar(CookieJar):
    DOMAIN = "target"

    def __init__(self):
        super().__init__(AnyDomain())

    def clear(self, domain=None, path=None, name=None):
        super().clear(domain and Jar.DOMAIN, path, name)


def expect(response, rule):
    kind, name, value = rule["kind"], rule.get("name"), rule.get("value")
    if kind == "header":
        found = response.header(name)
        if not found:
            raise Failure("expectation", "expected a header '%s', found none" % name)
        if value is not None and not any(value in text for text in found):
            raise Failure("expectation", "expected a header '%s' that contains '%s', found another "
                          "value" % (name, value))
    elif kind == "body_contains":
        if value.encode() not in response.body:
            raise Failure("expectation", "expected a body that contains '%s'" % value)
    elif kind == "json":
        if response.json() is None:
            raise Failure("expectation", "expected a JSON body, found none")
        found = pointed(response.json(), name)
        if found is MISSING:
            raise Failure("expectation", "expected a JSON value at '%s', found none" % name)
        if value is not None and not equal(found, json.loads(value)):
            raise Failure("expectation", "expected the JSON value %s at '%s', found another"
                          % (value, name))


KINDS = {"header": "header", "cookie": "cookie", "json": "JSON value",
         "regex": "regular expression"}


def capture(response, rule, captured):
    kind, expression = rule["kind"], rule["expression"]
    if kind == "header":
        value = next(iter(response.header(expression)), None)
    elif kind == "cookie":
        value = response.cookie(expression)
    elif kind == "regex":
        value = rule["compiled"].find(response.body)
    else:
        found = pointed(response.json(), expression) if response.json() is not None else MISSING
        value = None if found is MISSING else found if isinstance(found, str) \
            else json.dumps(found, separators=(",", ":"), ensure_ascii=False)
    if value is None and not rule["optional"]:
        raise Failure("expectation", "found nothing to capture as '%s' (%s '%s')"
                      % (rule["variable"], KINDS[kind], expression))
    if value is not None and len(value.encode()) > VALUE_LIMIT:
        raise Failure("expectation", "what is captured as '%s' is over 64 KiB" % rule["variable"])
    if value is not None:
        captured[rule["variable"]] = value


# ---- steps ----

class Step:
    """A step with its texts compiled."""

    def __init__(self, source, variables):
        self.method, self.name, self.follow = source["method"], source["name"], source["redirects"]
        self.repeat, self.taken = source["repeat"], source["taken"]
        self.other_host = source["other_host"]
        self.captures, self.expects = source["captures"], source["expects"]
        self.statuses, self.status_text = source["statuses"], source["status_text"]
        self.max_s, self.max_text = source["max_s"], source["max_text"]
        self.looks = any(rule["kind"] in ("body_contains", "json", "regex")
                         for rule in self.captures + self.expects)
        for rule in self.captures:
            if rule["kind"] == "regex":
                rule["compiled"] = Regex(rule["expression"], rule["group"])
        self.url = Template(variables)
        self.url.literal(source["base"])
        self.url.add(source["path"], PATH)
        self.url.add_pairs(source["query"], "&" if "?" in source["path"] else "?", QUERY)
        self.body = Template(variables)
        self.body.add_pairs(source["form"], "", FORM)
        if source["body"] is not None:
            self.body.add(source["body"], JSON if source["body_is_json"] else RAW)
        self.has_length = source["has_length"]
        self.headers = [(name, Template(variables).add(value, HEADER))
                        for name, value in source["headers"]]
        self.own_cookie = any(name.lower() == "cookie" for name, _ in source["headers"])
        self.auth_kind, auth = source["auth_kind"], source["auth"]
        self.auth = [Template(variables).add(text, HEADER) for text in auth]

    def render_headers(self, user):
        headers = Headers()
        for name, template in self.headers:
            headers[name] = template.fill(user)
        if self.auth_kind == "bearer":
            headers["Authorization"] = "Bearer " + self.auth[0].fill(user)
        elif self.auth_kind == "basic":
            name, password = (template.fill(user) for template in self.auth)
            if ":" in name:
                raise Failure("expectation", "the name of the user holds a ':', which ends it in "
                              "basic authentication")
            pair = base64.b64encode((name + ":" + password).encode()).decode()
            headers["Authorization"] = "Basic " + pair
        return headers

    def is_good(self, status):
        return any(low <= status <= high for low, high in self.statuses)

    def judge(self, response, took_s, captured):
        if not self.is_good(response.status):
            raise Failure("status", "expected status %s, found %d"
                          % (self.status_text, response.status))
        if self.max_s and took_s > self.max_s:
            raise Failure("expectation", "expected a response within %s" % self.max_text)
        if self.looks:
            response.body
        for rule in self.expects:
            expect(response, rule)
        for rule in self.captures:
            capture(response, rule, captured)


# What the generator has too few of, as in lib/load/failure.c.
SHORT = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL))


def failure_of(error):
    if isinstance(error, TooLate):
        return Failure("timeout", str(error))
    if isinstance(error, ConnectionRefusedError):
        return Failure("refused", "connection refused")
    if isinstance(error, OSError) and error.errno in SHORT:
        return Failure("generator", "no connection can be made: %s" % error.strerror)
    if isinstance(error, OSError) and "timed out" in str(error):
        return Failure("timeout", "no response within the time-out")
    if isinstance(error, (HTTPConnectionClosed, BrokenPipeError, ConnectionResetError)):
        return Failure("reset", "connection closed before the response was complete")
    name = type(error).__name__
    if "SSL" in name or "Certificate" in name:
        return Failure("tls", "the handshake failed: %s" % error)
    if name in ("HTTPParseError", "ValueError", "error"):
        return Failure("protocol", "a response that is no HTTP: %s" % error)
    return Failure("reset", "connection closed: %s" % (str(error) or name))


def origin_of(url):
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def redirected(step, method, status):
    if status == 303:
        return method not in ("GET", "HEAD")
    return status in (301, 302) and method == "POST"


# ---- users ----

class ScenarioUser(FastHttpUser):
    abstract = True
    plan = measure = numbers = on_start_steps = task_list = weights = think = None

    def __init__(self, environment):
        super().__init__(environment)
        self.agent = self.client.client
        self.captured = {}
        self.draw = random.Random("%s %d %d" % (self.plan["seed"], environment.runner.worker_index,
                                                next(self.numbers)))
        self.delay = self.broken = 0
        self.jar = Jar()
        self.timer = gevent.Timeout()
        self.renew()

    def renew(self):
        """After an error a connection may be in any state: all of them are given up."""
        self.agent.clientpool.close()
        self.agent.clientpool = HTTPClientPool(
            concurrency=1, connection_timeout=self.connection_timeout,
            network_timeout=self.network_timeout, insecure=self.insecure,
            ssl_context_factory=self.ssl_context_factory)

    def request_of(self, step, method, url, headers, payload):
        request = self.agent.request_type(url, method=method, headers=headers, payload=payload)
        request.type = request.url_split.scheme
        if self.jar._cookies and not step.other_host and not step.own_cookie:
            self.jar.add_cookie_header(request)
        return request

    def restart_timer(self, text, seconds):
        self.timer.close()
        self.timer = gevent.Timeout.start_new(seconds, TooLate(text))

    def connections_to(self, request):
        """Those of the client, which does by itself more than a scenario says: it sends any request
        up to three times over, and knows no time-out of a connection and its handshake together."""
        found = self.agent.clientpool.get_client(request.url_split)._connection_pool
        if found.size < 0:
            return found
        create = found._create_socket

        def connect():
            self.restart_timer("no connection within the time-out", self.plan["connect_timeout_s"])
            made = create()
            self.restart_timer("no response within the time-out", self.plan["request_timeout_s"])
            return made
        found.size, found._create_socket = -1, connect
        return found

    def once(self, request):
        """Where a connection that was used before is closed without a byte of a response, the
        request goes over another one (RFC 9112, 9.3.1)."""
        reused = not self.connections_to(request)._socket_queue.empty()
        try:
            return self.agent._urlopen(request)
        except (HTTPConnectionClosed, BrokenPipeError, ConnectionResetError):
            if not reused:
                raise
        return self.agent._urlopen(request)

    def receive(self, raw, looks):
        """The body, or None where it is too large to be looked into."""
        stream = raw.stream
        if stream.message_complete:
            body = bytes(stream.read())
            self.size += len(body)
            raw.release()
            return body if len(body) <= perfgate_coding.LIMIT else None
        kept, size = [], 0
        for part in iter(lambda: bytes(stream.read(PIECE)), b""):
            size += len(part)
            if looks and size <= perfgate_coding.LIMIT:
                kept.append(part)
        self.size += size
        raw.release()
        return b"".join(kept) if size <= perfgate_coding.LIMIT else None

    def exchange(self, step, url, headers, payload):
        """The final response with its body."""
        method = step.method
        for _ in range(MAX_REDIRECTS + 1):
            request = self.request_of(step, method, url, headers, payload)
            raw = self.once(request)
            if raw.status_code < 200:
                raise Failure("protocol", "an interim response (%d), which Locust's client takes "
                              "for the final one" % raw.status_code)
            self.size = 0
            body = self.receive(raw, step.looks)
            if not step.other_host and "set-cookie" in raw.headers:
                self.jar.extract_cookies(raw, request)
            location = raw.headers.get("location")
            if not step.follow or raw.status_code not in REDIRECTS or not location:
                return raw, body
            target = urljoin(url, location)
            if origin_of(target) != origin_of(url):
                return raw, body
            if redirected(step, method, raw.status_code):
                method, payload = "GET", None
                for name in ("content-type", "content-length"):
                    headers.discard(name)
            if not step.own_cookie:
                headers.discard("cookie")
            url = target.split("#")[0]
        raise Failure("protocol", "more than %d redirects" % MAX_REDIRECTS)

    def send(self, step, started):
        url = step.url.fill(self)
        headers = step.render_headers(self)
        payload = step.body.fill(self).encode() if step.body.parts else None
        if step.has_length:
            headers["Content-Length"] = str(len(payload or b""))
        try:
            self.restart_timer("no response within the time-out", self.plan["request_timeout_s"])
            raw, body = self.exchange(step, url, headers, payload)
        except (gevent.GreenletExit, StopUser):
            raise
        except Exception as error:
            self.renew()
            self.hurt = True
            raise error if isinstance(error, Failure) else failure_of(error) from error
        finally:
            self.timer.close()
        took_s = time.perf_counter() - started
        self.took_s, self.raw = took_s, raw
        step.judge(Response(raw, body, self.jar), took_s, self.captured)

    def run_step(self, step):
        """True: it was a good response."""
        measure = self.measure
        if measure.ended:
            gevent.sleep(86400)
        began, failure = measure.began, None
        start, started = time.time(), time.perf_counter()
        self.took_s, self.raw, self.size, self.hurt = None, None, 0, False
        measure.in_flight += 1
        try:
            self.send(step, started)
        except Failure as error:
            failure = error
            self.hurt = self.hurt or self.raw is None
        finally:
            took_s = time.perf_counter() - started if self.took_s is None else self.took_s
            measure.in_flight -= 1
        if began is measure.began:  # else it began before the measured time
            self.environment.events.request.fire(
                request_type=step.method, name=step.name, response_time=took_s * 1000,
                response_length=self.size, response=self.raw, context={}, exception=failure,
                start_time=start, url=step.name)
        if self.plan["new_connections"]:
            self.renew()
        return failure is None

    def run_steps(self, steps):
        for step in steps:
            if step.taken < 1 and self.draw.random() >= step.taken:
                continue
            low, high = step.repeat
            for _ in range(low if low == high else self.draw.randint(low, high)):
                if not self.run_step(step):
                    self.delay = self.back_off() if self.hurt else 0
                    return False
        self.delay = self.broken = 0
        return True

    def back_off(self):
        longest = min(BACK_OFF_S * 2 ** self.broken, BACK_OFF_MAX_S)
        self.broken = min(self.broken + 1, 4)
        return self.draw.uniform(longest / 2, longest)

    def wait_time(self):
        return max(self.draw.uniform(*self.think), self.delay)

    def on_start(self):
        # As if it had been there before: somewhere in its think time.
        gevent.sleep(self.draw.uniform(*self.think) * self.draw.random())
        while self.on_start_steps and not self.run_steps(self.on_start_steps):
            gevent.sleep(self.wait_time())

    def run_task(self):
        steps = self.draw.choices(self.task_list, cum_weights=self.weights)[0]
        self.run_steps(steps)


def context_factory(plan):
    """One for all users of a class: to read the authorities takes long."""
    made = []

    def make(cafile=None):  # the client's own authorities, which are not asked for
        if not made:
            made.append(context_of(plan))
        return made[0]
    return make


def context_of(plan):
    context = gevent.ssl.create_default_context(cafile=plan["ca"])
    if not plan["verify"]:
        context.check_hostname = False
        context.verify_mode = gevent.ssl.CERT_NONE
    if plan["cert"]:
        context.load_cert_chain(plan["cert"], plan["key"])
    return context


def cumulated(weights):
    total, sums = 0, []
    for weight in weights:
        total += weight
        sums.append(total)
    return sums


def classes_of(plan, measure):
    """By a name for the module: Locust finds them there."""
    variables = Variables(plan)
    made = {}
    numbers = itertools.count()
    for number, source in enumerate(plan["classes"]):
        tasks = source["tasks"]
        members = {
            "abstract": False, "weight": source["weight"], "host": plan["host"],
            "plan": plan, "measure": measure, "numbers": numbers, "think": source["think_s"],
            "connection_timeout": plan["connect_timeout_s"],
            "network_timeout": plan["request_timeout_s"], "insecure": not plan["verify"],
            "ssl_context_factory": staticmethod(context_factory(plan)),
            "on_start_steps": [Step(step, variables) for step in source["on_start"]],
            "task_list": [[Step(step, variables) for step in task["steps"]] for task in tasks],
            "weights": cumulated(task["weight"] for task in tasks),
            "tasks": [ScenarioUser.run_task], "__module__": __name__,
        }
        made["Class%d" % number] = type(source["name"], (ScenarioUser,), members)
    return made
