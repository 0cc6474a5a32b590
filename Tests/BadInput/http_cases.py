"""Bad HTTP: what is wrong lies in the request line, the headers, the framing of the body, or the pace of the client.

Each check takes the address, the path of a collection and the options, and returns None or what went wrong.
"""

import json
import select
import socket
import threading
import time

import wire

HEARTBEAT = "/api/v2/heartbeat"
GET_BODY = json.dumps({"limit": 1})


def outcome(address, data, finish=False, timeout=30):
    """The answer to raw bytes, or "closed" when the server hung up without one, or "silent" when nothing came."""
    with wire.Connection(address, timeout) as connection:
        connection.send(data)
        if finish:
            connection.finish_writing()
        try:
            return connection.answer()
        except wire.Closed:
            return "closed"
        except TimeoutError:
            return "silent"
        except (ValueError, IndexError):
            return "an answer that is not HTTP"


def refused_or_closed(result):
    if result == "closed" or (isinstance(result, wire.Answer) and 400 <= result.status < 500):
        return None
    return f"expected a 4xx or a closed connection, got {getattr(result, 'status', result)}"


def malformed(address, collection, options):
    """Framing that has no meaning: refused, or the connection closed."""
    post = f"POST {collection}/get HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n".encode()
    cases = {
        "garbage": b"\x00\x01\x02\x03 garbage\r\n\r\n", "no version": b"GET /api/v2\r\n\r\n",
        "TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64) + b"\r\n\r\n",
        "bad version": b"GET /api/v2 HTTP/9.9\r\nHost: x\r\n\r\n",
        "negative length": post + b"Content-Length: -5\r\n\r\n{}",
        "length is no number": post + b"Content-Length: two\r\n\r\n{}",
        "two lengths": post + b"Content-Length: 2\r\nContent-Length: 20\r\n\r\n{}",
        "length beyond 64 bits": post + b"Content-Length: 99999999999999999999999\r\n\r\n{}",
        "bad chunk size": post + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        "chunk size beyond 64 bits": post + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}",
        "header without colon": b"GET /api/v2 HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n",
        "nul in a header": b"GET /api/v2 HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
    }
    for name, data in cases.items():
        wrong = refused_or_closed(outcome(address, data, finish=True))
        yield f"HTTP: {name}", wrong


def header_bombs(address, collection, options):
    cases = {
        "a header of 4 MB": b"GET /api/v2 HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 4_000_000 + b"\r\n\r\n",
        "100,000 headers": b"GET /api/v2 HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 100_000 + b"\r\n",
        "a path of 4 MB": b"GET /" + b"a" * 4_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        "a header name of 1 MB": b"GET /api/v2 HTTP/1.1\r\nHost: x\r\n" + b"X" * 1_000_000 + b": y\r\n\r\n",
    }
    for name, data in cases.items():
        yield f"HTTP: {name}", refused_or_closed(outcome(address, data))


def content_types(address, collection, options):
    for value in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = outcome(address, wire.request("POST", collection + "/get", GET_BODY, [("Content-Type", value)]))
        status = getattr(answer, "status", answer)
        yield f"Content-Type {value}", None if status == 415 else f"expected 415, got {status}"
    for value in (None, "application/json", "application/json; charset=utf-8", "APPLICATION/JSON"):
        answer = outcome(address, wire.request("POST", collection + "/get", GET_BODY, [("Content-Type", value)]))
        status = getattr(answer, "status", answer)
        yield f"Content-Type {value}", None if status == 200 else f"expected 200, got {status}"


def oversized_announced(address, collection, options):
    """Past the limit: 413 without waiting for the rest, and the connection does not go on with the unread body."""
    limit = options.body_limit
    head = post_head(collection, f"Content-Length: {limit + 1}")
    with wire.Connection(address, 60) as connection:
        connection.send(head + b'{"ids":["')
        yield "oversized body with Content-Length", expect_413(connection)
        sent, piece = 0, b"a" * (1 << 20)
        while sent < limit and connection.send(piece):
            sent += len(piece)
        yield "the connection of an oversized body ends", None if connection.ends() else "it stays open"
    result = outcome(address, post_head(collection, "Content-Length: 1000000000000"), finish=True)
    yield "Content-Length of a terabyte", refused_or_closed(result)


def oversized_in_chunks(address, collection, options):
    with wire.Connection(address, 60) as connection:
        connection.send(post_head(collection, "Transfer-Encoding: chunked") + b"9\r\n{\"ids\":[\"\r\n")
        sent, piece = 0, b"a" * (1 << 20)
        chunk = b"%x\r\n" % len(piece) + piece + b"\r\n"
        while sent <= options.body_limit + (8 << 20) and connection.send(chunk):
            sent += len(piece)
        yield "oversized body in chunks", expect_413(connection)


def post_head(collection, framing):
    return f"POST {collection}/add HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{framing}\r\n\r\n".encode()


def expect_413(connection):
    try:
        answer = connection.answer()
    except wire.Closed:
        # A reset can overtake the answer when we were still writing; what counts is that nothing was swallowed.
        return None
    except TimeoutError:
        return "no answer"
    if answer.status != 413:
        return f"expected 413, got {answer.status}"
    try:
        value = answer.json()
    except ValueError:
        return f"413 with a body that is not JSON: {answer.body[:100]!r}"
    return None if isinstance(value.get("message"), str) and value["message"] else "413 without a message"


def half_closed(address, collection, options):
    whole = wire.request("POST", collection + "/get", GET_BODY)
    result = outcome(address, whole, finish=True)
    yield "half-closed after a whole request", None if getattr(result, "status", result) in (200, "closed") \
        else f"got {getattr(result, 'status', result)}"
    for cut in (1, 10, 40, len(whole) - 5):
        yield f"half-closed after {cut} bytes", refused_or_closed(outcome(address, whole[:cut], finish=True))
    for cut in (1, 40, len(whole) - 5):
        connection = wire.Connection(address)
        connection.send(whole[:cut])
        connection.socket.close()
        yield f"gone after {cut} bytes", None
    connection = wire.Connection(address)
    connection.send(whole)
    connection.socket.close()
    yield "gone before the answer", None


def pipelined(address, collection, options):
    requests = [wire.request("GET", "/api/v2/version"), wire.request("POST", collection + "/get", GET_BODY),
                wire.request("GET", HEARTBEAT), wire.request("POST", collection + "/get", "{"),
                wire.request("GET", "/api/v2/version")]
    with wire.Connection(address) as connection:
        connection.send(b"".join(requests))
        statuses = []
        try:
            for _ in requests:
                statuses.append(connection.answer().status)
        except wire.Closed:
            statuses.append("closed")
    yield "pipelined requests", None if statuses == [200, 200, 200, 400, 200] else f"got {statuses}"


def kept_alive(address, collection, options):
    """After a refused body the connection serves the next request."""
    with wire.Connection(address) as connection:
        connection.send(wire.request("POST", collection + "/get", '{"limit":-1}'))
        first = connection.answer()
        if first.closes:
            yield "the connection after a 4xx", None
            return
        connection.send(wire.request("GET", HEARTBEAT))
        try:
            second = connection.answer().status
        except wire.Closed:
            second = "closed"
        yield "the connection after a 4xx", None if second == 200 else f"got {second}"


def slow_clients(address, collection, options):
    """Fifty clients that send a byte now and then, in the headers and in the body; the others are served meanwhile."""
    whole = wire.request("POST", collection + "/get", GET_BODY + " " * 2000)
    body_starts = whole.index(b"\r\n\r\n") + 4
    connections = []
    for number in range(options.slow_connections):
        connection = wire.Connection(address)
        connection.send(whole[:20 if number % 2 else body_starts])
        connections.append((connection, 20 if number % 2 else body_starts))
    stop = threading.Event()

    def trickle():
        position = 0
        while not stop.is_set():
            for connection, start in connections:
                try:
                    connection.socket.send(whole[start + position:start + position + 1] or b" ")
                except OSError:
                    continue
            position += 1
            time.sleep(0.02)
    thread = threading.Thread(target=trickle)
    thread.start()
    failures = []
    try:
        for number in range(100):
            data = wire.request("GET", HEARTBEAT) if number % 2 else wire.request("POST", collection + "/get", GET_BODY)
            status = getattr(outcome(address, data), "status", "nothing")
            if status != 200:
                failures.append(status)
    finally:
        stop.set()
        thread.join()
        for connection, _ in connections:
            connection.socket.close()
    yield f"{options.slow_connections} slow clients beside 100 requests", None if not failures else f"got {failures}"


def many_connections(address, collection, options):
    opened = [wire.Connection(address) for _ in range(200)]
    status = getattr(outcome(address, wire.request("GET", HEARTBEAT)), "status", "nothing")
    for connection in opened:
        connection.socket.close()
    yield "200 idle connections", None if status == 200 else f"got {status}"


def abandoned(address, collection, options):
    """Clients that stop, or send a byte a second: each is given up in about the server's idle time, in whatever state it is."""
    whole = wire.request("POST", collection + "/get", GET_BODY + " " * 2000)
    body = whole.index(b"\r\n\r\n") + 4
    heartbeat = wire.request("GET", HEARTBEAT)
    cases = {"silent from the start": (b"", b""), "silent in the head": (whole[:20], b""), "silent in the body": (whole[:body + 5], b""),
             "trickling head": (whole[:20], whole[20:body - 4]), "trickling body": (whole[:body], whole[body:]),
             "idle after an answer": (heartbeat, b""), "idle after a 4xx": (wire.request("POST", collection + "/get", "{"), b"")}
    clients = {}
    for name, (first, rest) in cases.items():
        connection = wire.Connection(address)
        connection.send(first)
        clients[name] = (connection, rest)
    deadline = time.monotonic() + 2 * options.idle_timeout + 15
    position, given_up = 0, set()
    while len(given_up) < len(clients) and time.monotonic() < deadline:
        time.sleep(1)
        for name, (connection, rest) in clients.items():
            if name not in given_up and (not is_open(connection) or not connection.send(rest[position:position + 1])):
                given_up.add(name)
        position += 1
    for name, (connection, _) in clients.items():
        yield f"given up: {name}", None if name in given_up else "the connection stays open"
        connection.socket.close()


def is_open(connection):
    while select.select([connection.socket], [], [], 0)[0]:
        try:
            if not connection.socket.recv(1 << 16):
                return False
        except OSError:
            return False
    return True


def unread_answers(address, collection, options):
    """A client that asks and asks and reads nothing is cut off: its answers would fill the memory."""
    request = wire.request("GET", "/openapi.json")
    length = len(outcome(address, request).body)
    count = (256 << 20) // length
    connection = wire.Connection(address, timeout=5)
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    asking = time.monotonic() + options.idle_timeout + 15
    sent = 0
    while sent < count and time.monotonic() < asking and connection.send(request):
        sent += 1
    time.sleep(max(0, asking - time.monotonic()))
    received = 0
    connection.socket.settimeout(30)
    try:
        while piece := connection.socket.recv(1 << 20):
            received += len(piece)
        wrong = None if received < sent * length else "every answer was kept for it"
    except ConnectionError:
        wrong = None
    except TimeoutError:
        wrong = "the connection stays open"
    connection.socket.close()
    yield "a client that does not read its answers", wrong


CHECKS = [malformed, header_bombs, content_types, half_closed, pipelined, kept_alive, many_connections, slow_clients,
          oversized_announced, oversized_in_chunks]
# These wait for the server's idle time, so they run in the first round only.
SLOW_CHECKS = [abandoned, unread_answers]
