"""HTTP over a bare socket, so that what is sent can be wrong in ways a client library would not allow."""

import json
import socket


class Closed(Exception):
    """The server closed the connection before a whole answer."""


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def closes(self):
        return self.headers.get("connection", "").lower() == "close"

    def json(self):
        return json.loads(self.body.decode("utf-8"))


class Connection:
    def __init__(self, address, timeout=30):
        self.socket = socket.create_connection(address, timeout=timeout)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """Sends what the server will take: it may answer and close while we still write."""
        try:
            self.socket.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            return False

    def finish_writing(self):
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass    # The server closed first; the reading side tells what it said.

    def fill(self):
        try:
            data = self.socket.recv(1 << 16)
        except (ConnectionResetError, BrokenPipeError):
            data = b""
        if not data:
            raise Closed()
        self.buffer += data

    def line(self):
        while b"\r\n" not in self.buffer:
            self.fill()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def exactly(self, count):
        while len(self.buffer) < count:
            self.fill()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def answer(self, has_body=True):
        status = int(self.line().split(b" ", 2)[1])
        headers = {}
        while True:
            line = self.line()
            if not line:
                break
            name, _, value = line.partition(b":")
            headers[name.decode("latin-1").lower()] = value.decode("latin-1").strip()
        if status == 100:
            return self.answer(has_body)
        body = b""
        if not has_body or status in (204, 304):
            pass
        elif headers.get("transfer-encoding", "").lower() == "chunked":
            while True:
                size = int(self.line().split(b";")[0], 16)
                body += self.exactly(size)
                self.exactly(2)
                if size == 0:
                    break
        elif "content-length" in headers:
            body = self.exactly(int(headers["content-length"]))
        else:
            try:
                while True:
                    self.fill()
            except Closed:
                body, self.buffer = self.buffer, b""
        return Answer(status, headers, body)

    def ends(self):
        """Whether the server closes the connection; False when it stays open until our timeout."""
        try:
            while True:
                self.fill()
        except Closed:
            return True
        except TimeoutError:
            return False


def request(method, path, body=None, headers=()):
    """The bytes of a request. `path` and `body` are text or bytes and go out as they are."""
    path = path.encode() if isinstance(path, str) else path
    body = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    lines = [method.encode() + b" " + path + b" HTTP/1.1", b"Host: localhost"]
    named = {name.lower() for name, _ in headers}
    if body is not None and "content-type" not in named:
        lines.append(b"Content-Type: application/json")
    if body is not None and "content-length" not in named:
        lines.append(b"Content-Length: %d" % len(body))
    lines += [f"{name}: {value}".encode("latin-1") for name, value in headers if value is not None]
    return b"\r\n".join(lines) + b"\r\n\r\n" + (body or b"")
