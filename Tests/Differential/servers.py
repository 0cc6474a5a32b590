"""One HTTP connection per server, and the answer of a request as plain values."""

import http.client
import json
import urllib.parse

# The current generation of clients: our server chooses the shape of its answers by this header.
USER_AGENT = "Chroma Python Client v1.5.9 (https://github.com/chroma-core/chroma)"


class Answer:
    """Status, body and the headers that clients look at.

    `status` is 0 when the server closed the connection without answering. `value` is the parsed JSON body, or None
    when the body is empty or not JSON (`text` tells which).
    """

    def __init__(self, status, body, content_type):
        self.status = status
        self.text = body.decode("utf-8", "replace")
        self.content_type = content_type
        try:
            self.value = json.loads(self.text) if self.text else None
        except ValueError:
            self.value = None

    def copy(self):
        other = Answer(self.status, b"", self.content_type)
        other.text = self.text
        other.value = json.loads(json.dumps(self.value))
        return other

    @property
    def succeeded(self):
        return 200 <= self.status < 300

    @property
    def error_name(self):
        return self.value.get("error") if isinstance(self.value, dict) else None

    @property
    def message(self):
        return self.value.get("message") if isinstance(self.value, dict) else None

    def describe(self, limit=1500):
        text = self.text if len(self.text) <= limit else self.text[:limit] + "…"
        return f"{self.status} {self.content_type or '-'} {text}"


class Server:
    """A server under test, and what this run's names stand for there: collection ids and the run's own tenant."""

    # A well-formed id that no collection has.
    ABSENT_ID = "00000000-0000-4000-8000-000000000000"

    def __init__(self, url, timeout=60):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port, self.timeout = parts.hostname, parts.port, timeout
        self.connection = None
        self.ids = {}       # collection key -> id at this server
        self.names = {}     # id at this server -> collection key

    def bind(self, key, identifier):
        self.ids[key] = identifier
        self.names[identifier] = key

    def resolve(self, text, run):
        """Puts this run's tenant and this server's collection ids in the place of `{T}` and `{id:KEY}`."""
        text = text.replace("{T}", run)
        while "{id:" in text:
            start = text.index("{id:")
            end = text.index("}", start)
            key = text[start + 4:end]
            text = text[:start] + self.ids.get(key, self.ABSENT_ID) + text[end + 1:]
        return text

    def send(self, request, run):
        body = request.get("body")
        data = None if body is None else self.resolve(body, run).encode("utf-8", "surrogatepass")
        headers = {"User-Agent": USER_AGENT}
        content_type = request.get("content_type", "application/json")
        if data is not None and content_type is not None:
            headers["Content-Type"] = content_type
        return self.raw(request["method"], self.resolve(request["path"], run), data, headers)

    def raw(self, method, path, data, headers):
        # A kept connection may have been closed since the last answer: the first failure is tried once more.
        for attempt in (0, 1):
            fresh = self.connection is None
            try:
                if fresh:
                    self.connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
                self.connection.request(method, path, body=data, headers=headers)
                response = self.connection.getresponse()
                body = response.read()
                return Answer(response.status, body, response.getheader("content-type"))
            except (http.client.HTTPException, ConnectionError):
                if self.connection is not None:
                    self.connection.close()
                self.connection = None
                if fresh or attempt == 1:
                    return Answer(0, b"", None)

    def json(self, method, path, value=None):
        """A request of the harness itself, outside the compared sequence."""
        data = None if value is None else json.dumps(value).encode()
        return self.raw(method, path, data, {"User-Agent": USER_AGENT, "Content-Type": "application/json"})
