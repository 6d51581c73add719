"""Who is told, for test_send.sh: stand-ins for the vendors' APIs, which check each request against
what the vendor documents, and a real SMTP server (aiosmtpd) with STARTTLS, TLS and a login.

receivers.py DIRECTORY: serves until it is ended; writes its ports into DIRECTORY/ports, and a line of
JSON for each request or mail into DIRECTORY/log. cert.pem and key.pem are there already.
"""
import asyncio
import email
import email.policy
import gzip
import hashlib
import hmac
import http.server
import json
import os
import re
import ssl
import sys
import threading
import time
import zlib

from aiosmtpd.smtp import SMTP, AuthResult

PLACE = sys.argv[1]
LOCK = threading.Lock()
SEEN = {}


def log(**entry):
    with LOCK, open(PLACE + "/log", "a", encoding="utf-8") as out:
        out.write(json.dumps(entry, ensure_ascii=False) + "\n")


def need(condition, what):
    if not condition:
        raise ValueError(what)


def only(value, required, optional=()):
    need(isinstance(value, dict), "an object")
    need(set(required) <= set(value), f"{required} in {sorted(value)}")
    need(set(value) <= set(required) | set(optional), f"nothing else: {sorted(value)}")


# https://api.slack.com/reference/block-kit/blocks and .../composition-objects#text
def text_object(value, kind, most):
    only(value, ("type", "text"), ("emoji", "verbatim"))
    need(value["type"] == kind and 1 <= len(value["text"]) <= most, f"{kind} of 1 to {most}")
    if kind == "mrkdwn":
        need(not re.search(r"<(?!https?://)", value["text"]), "no mention")
        need(not re.search(r"&(?!amp;|lt;|gt;)", value["text"]), "entities")


def slack(body, _):
    only(body, ("text", "blocks"))
    need(isinstance(body["text"], str) and len(body["text"]) <= 40000, "text")
    need(1 <= len(body["blocks"]) <= 50, "1 to 50 blocks")
    for block in body["blocks"]:
        if block["type"] == "header":
            only(block, ("type", "text"))
            text_object(block["text"], "plain_text", 150)
        elif block["type"] == "section":
            only(block, ("type", "text"))
            text_object(block["text"], "mrkdwn", 3000)
        else:
            need(block["type"] == "context", "a known block")
            only(block, ("type", "elements"))
            need(1 <= len(block["elements"]) <= 10, "1 to 10 elements")
            for element in block["elements"]:
                text_object(element, "mrkdwn", 3000)
    return 200, b"ok"


# https://developer.pagerduty.com/api-reference/368ae3d938c9e-send-an-event-to-pager-duty
def pagerduty(body, _):
    need(len(json.dumps(body)) <= 512 * 1024, "512 KB")
    need(re.fullmatch(r"[0-9a-z]{32}", body.get("routing_key", "")), "a routing key of 32")
    need(body.get("event_action") in ("trigger", "acknowledge", "resolve"), "an event_action")
    need(1 <= len(body.get("dedup_key", "")) <= 255, "a dedup_key")
    if body["event_action"] != "trigger":
        only(body, ("routing_key", "event_action", "dedup_key"))
        return 202, b'{"status":"success"}'
    only(body, ("routing_key", "event_action", "dedup_key", "payload"),
         ("client", "client_url", "links", "images"))
    payload = body["payload"]
    only(payload, ("summary", "source", "severity"),
         ("timestamp", "component", "group", "class", "custom_details"))
    need(1 <= len(payload["summary"]) <= 1024, "a summary")
    need(payload["source"], "a source")
    need(payload["severity"] in ("critical", "error", "warning", "info"), "a severity")
    need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", payload["timestamp"]), "a time")
    for link in body.get("links", []):
        only(link, ("href", "text"))
    return 202, b'{"status":"success"}'


def hook(body, request):
    stamp = request.headers["X-Perfgate-Timestamp"]
    expected = hmac.new(b"hook-secret", stamp.encode() + b"." + request.raw, hashlib.sha256)
    need(request.headers["X-Perfgate-Signature"] == "sha256=" + expected.hexdigest(), "signature")
    only(body, ("schema", "event", "severity", "sent_at", "verdict"), ("link",))
    need(body["schema"] == "perfgate.event/1", "the schema")
    need(body["verdict"]["schema"] == "perfgate.verdict/1", "the verdict")
    return 204, b""


def number(value):
    need(isinstance(value, (int, float)) and not isinstance(value, bool), "a number")


# https://docs.datadoghq.com/api/latest/metrics/#submit-metrics (v2)
def datadog_series(body, request):
    need(request.headers["DD-API-KEY"] == "datadog-secret", "a key")
    need(request.headers["Content-Encoding"] == "gzip" and len(request.sent) <= 512000, "compressed")
    need(len(request.raw) <= 5242880, "5 MB")
    only(body, ("series",))
    for series in body["series"]:
        only(series, ("metric", "points"), ("type", "tags", "unit", "resources", "interval", "metadata"))
        need(re.fullmatch(r"[A-Za-z][A-Za-z0-9_.]{0,199}", series["metric"]), "a name")
        need(series["type"] in (0, 1, 2, 3), "a type")
        need(all(isinstance(tag, str) and 1 <= len(tag) <= 200 for tag in series["tags"]), "tags")
        for point in series["points"]:
            only(point, ("timestamp", "value"))
            need(abs(point["timestamp"] - time.time()) < 600, "a time of now")
            number(point["value"])
    return 202, b'{"errors":["one is too old"]}' if "/partial/" in request.path else b'{"errors":[]}'


# https://docs.datadoghq.com/api/latest/metrics/#submit-distribution-points (v1); the limits of a request
# are those of the series, as the page names none.
def datadog_points(body, request):
    need(request.headers["DD-API-KEY"] == "datadog-secret", "a key")
    need(request.headers["Content-Encoding"] == "deflate" and len(request.sent) <= 512000, "deflate")
    need(len(request.raw) <= 5242880, "5 MB")
    only(body, ("series",))
    for series in body["series"]:
        only(series, ("metric", "points"), ("host", "tags", "type"))
        need(re.fullmatch(r"[A-Za-z][A-Za-z0-9_.]{0,199}", series["metric"]), "a name")
        need(series.get("type", "distribution") == "distribution", "a type")
        need(all(isinstance(tag, str) and 1 <= len(tag) <= 200 for tag in series["tags"]), "tags")
        for stamp, values in series["points"]:
            need(isinstance(stamp, int) and abs(stamp - time.time()) < 600, "a time of now")
            need(isinstance(values, list) and 1 <= len(values) <= 1000, "1 to 1000 values")
            for value in values:
                number(value)
    return 202, b'{"status":"ok"}'


# https://docs.datadoghq.com/api/latest/events/#post-an-event (v1)
def datadog_event(body, request):
    need(request.headers["DD-API-KEY"] == "datadog-secret", "a key")
    only(body, ("title", "text"), ("alert_type", "date_happened", "aggregation_key", "tags", "priority"))
    need(1 <= len(body["title"]) <= 100 and 1 <= len(body["text"]) <= 4000, "title and text")
    need(body["alert_type"] in ("error", "warning", "info", "success"), "alert_type")
    need(len(body["aggregation_key"]) <= 100, "aggregation_key")
    return 202, b'{"status":"ok"}'


# https://docs.newrelic.com/docs/data-apis/ingest-apis/metric-api/report-metrics-metric-api/
def attributes(values):
    need(len(values) <= 100, "100 attributes")
    for name, value in values.items():
        need(len(name) <= 255 and isinstance(value, (str, int, float, bool)), "an attribute")
        need(not isinstance(value, str) or len(value) <= 4096, "of 4096")


def newrelic_metrics(body, request):
    need(request.headers["Api-Key"] == "newrelic-secret", "a key")
    need(request.headers["Content-Encoding"] == "gzip" and len(request.sent) <= 10**6, "1 MB")
    need(isinstance(body, list) and len(body) == 1, "an array")
    only(body[0], ("metrics",), ("common",))
    only(body[0]["common"], (), ("timestamp", "interval.ms", "attributes"))
    need(abs(body[0]["common"]["timestamp"] / 1000 - time.time()) < 600, "ms of now")
    attributes(body[0]["common"]["attributes"])
    for metric in body[0]["metrics"]:
        only(metric, ("name", "type", "value"), ("timestamp", "attributes"))
        need(len(metric["name"]) <= 255 and metric["type"] == "gauge", "a gauge")
        number(metric["value"])
        attributes(metric["attributes"])
    return 202, b'{"requestId":"f0e7bfff-001a-b000-0000-01682bcf4565"}'


# https://docs.newrelic.com/docs/data-apis/ingest-apis/event-api/introduction-event-api/
def newrelic_event(body, request):
    need(request.headers["Api-Key"] == "newrelic-secret", "a key")
    need(isinstance(body, list) and len(request.sent) <= 10**6, "an array of 1 MB")
    for event in body:
        need(re.fullmatch(r"[A-Za-z0-9_: ]{1,255}", event["eventType"]), "an eventType")
        need(len(event) <= 255 and "accountId" not in event, "attributes")
        attributes(event)
    return 200, b'{"success":true}'


# https://docs.newrelic.com/docs/change-tracking/config/nerdgraph/, and GraphQL's own rules of requests:
# https://spec.graphql.org/October2021/#sec-Language.Operations
def newrelic_marker(body, request):
    need(request.headers["Api-Key"] == "newrelic-user-secret", "a user key")
    only(body, ("query", "variables"))
    head, _, rest = body["query"].partition("{")
    declared = dict(re.findall(r"\$(\w+): (\w+!?)", head))
    need(head.startswith("mutation(") and body["query"].count("{") == body["query"].count("}"), "a mutation")
    need(set(re.findall(r"\$(\w+)", rest)) == set(declared), "each variable is used")
    need(set(body["variables"]) <= set(declared), "no others")
    for name, kind in declared.items():
        need(kind in ("String", "String!"), "strings")
        need(isinstance(body["variables"].get(name), str if kind.endswith("!") else (str, type(None))), name)
    fields = re.fullmatch(r"changeTrackingCreateEvent\(changeTrackingEvent: (\{.*\})\) "
                          r"\{ changeTrackingEvent \{ changeTrackingId \} messages \} \}", rest.strip())
    event = re.sub(r'"[^"]*"|\$\w+', "_", fields.group(1))
    need(event == "{categoryAndTypeData: {kind: {category: _, type: _}, categoryFields: {deployment: "
         "{version: _, commit: _, deepLink: _}}}, entitySearch: {query: _}, user: _, shortDescription: _}", event)
    if "unknown" in body["variables"]["search"]:
        return 200, b'{"data":{"changeTrackingCreateEvent":null},"errors":[{"message":"no entity was found"}]}'
    return 200, b'{"data":{"changeTrackingCreateEvent":{"changeTrackingEvent":{"changeTrackingId":"1"},"messages":[]}}}'


CHECKS = {"/api/v2/series": datadog_series, "/api/v1/distribution_points": datadog_points,
          "/graphql": newrelic_marker, "/api/v1/events": datadog_event,
          "/partial/api/v2/series": datadog_series, "/metric/v1": newrelic_metrics,
          "/v1/accounts/42/events": newrelic_event,
          "/services/T0/B0/slack-secret": slack, "/v2/enqueue": pagerduty, "/hook": hook}
# What is answered first, how often; then the request is checked as one to /hook.
TROUBLES = {"/busy": (429, 2), "/broken": (503, 1), "/down": (500, 99), "/gone": (410, 99),
            "/elsewhere": (302, 99)}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.sent = self.raw = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Content-Encoding"] == "gzip":
            self.raw = gzip.decompress(self.sent)
        elif self.headers["Content-Encoding"] == "deflate":
            self.raw = zlib.decompress(self.sent)
        SEEN[self.path] = SEEN.get(self.path, 0) + 1
        status, times = TROUBLES.get(self.path, (0, 0))
        if SEEN[self.path] <= times:
            log(path=self.path, status=status)
            self.send_response(status)
            self.send_header("Retry-After", "0")
            self.send_header("Location", "/hook")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body, wrong = None, None
        try:
            need(self.headers["Content-Type"] == "application/json", "a content type")
            body = json.loads(self.raw)
            status, answer = CHECKS.get(self.path, hook)(body, self)
        except (ValueError, KeyError, TypeError) as fault:
            status, answer, wrong = 400, repr(fault).encode(), repr(fault)
        log(path=self.path, status=status, wrong=wrong, body=body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class Mail:
    def __init__(self, implicit=False):
        self.implicit = implicit

    async def handle_DATA(self, server, session, envelope):
        if "later@example.com" in envelope.rcpt_tos and SEEN.setdefault("mail", 0) < 1:
            SEEN["mail"] += 1
            log(mail="later")
            return "451 try again"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = {part.get_content_type(): part.get_content() for part in message.iter_parts()}
        log(mail=envelope.mail_from, to=envelope.rcpt_tos, tls=self.implicit or session.ssl is not None,
            user=getattr(session, "auth_data", None) and session.auth_data.login.decode(),
            subject=str(message["Subject"]), date=str(message["Date"]), header_to=str(message["To"]),
            defects=[repr(d) for p in message.walk() for d in p.defects], type=message.get_content_type(),
            longest=max(len(line) for line in envelope.content.split(b"\r\n")),
            text=parts["text/plain"], html=parts["text/html"])
        return "250 ok"


def authenticate(_server, _session, _envelope, _mechanism, data):
    if data.login == b"perf" and data.password == b"mail-secret":
        return AuthResult(success=True, auth_data=data)
    return AuthResult(success=False, handled=False)


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(PLACE + "/cert.pem", PLACE + "/key.pem")


def strict():
    return SMTP(Mail(), tls_context=context, require_starttls=True, auth_required=True,
                authenticator=authenticate, hostname="localhost", loop=loop)


def lax(implicit=False):
    return SMTP(Mail(implicit), hostname="localhost", loop=loop)


def port(factory, **options):
    server = loop.run_until_complete(loop.create_server(factory, "127.0.0.1", 0, **options))
    return server.sockets[0].getsockname()[1]


loop = asyncio.new_event_loop()
web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
secure = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
secure.socket = context.wrap_socket(secure.socket, server_side=True)
threading.Thread(target=secure.serve_forever, daemon=True).start()
ports = [web.server_address[1], secure.server_address[1],
         port(strict), port(lambda: lax(True), ssl=context), port(lax)]
with open(PLACE + "/ports.new", "w", encoding="utf-8") as out:
    print(*ports, file=out)
os.rename(PLACE + "/ports.new", PLACE + "/ports")
threading.Thread(target=web.serve_forever, daemon=True).start()
loop.run_forever()
