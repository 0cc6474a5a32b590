"""The examples of the README: code blocks, the fields of requests, and the forms of filters. Needs nothing but Python."""

import re


class Block:
    """A piece of code, and the heading that it stands under."""

    def __init__(self, heading, language, code):
        self.heading, self.language, self.code = heading, language, code


def blocks(text):
    """All fenced pieces of code."""
    found, heading, language, lines = [], "", None, []
    for line in text.splitlines():
        if line.startswith("```"):
            if language is None:
                language, lines = line[3:], []
            else:
                found.append(Block(heading, language, "\n".join(lines)))
                language = None
        elif language is not None:
            lines.append(line)
        elif line.startswith("#"):
            heading = line.lstrip("# ")
    return found


def section(text, heading):
    """What stands under a heading, up to the next one of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", text, re.M | re.S)
    if not found:
        raise AssertionError(f"the README has no section {heading!r}")
    return found.group(1)


def fields(text, request):
    """The optional fields of a request, as (name, what stands behind it or None)."""
    listed = re.search(rf"^On `{request}`.*?:\n((?:- .*\n)+)", section(text, "More than Chroma has"), re.M)
    if not listed:
        raise AssertionError(f"the README lists no fields of {request}")
    return re.findall(r"^- `(\w+)(?:: (.*?))?`", listed.group(1), re.M)


def filter_forms(text):
    """The forms in the first column of the table of filters."""
    rows = re.findall(r"^\| (`.*?`) \| ", section(text, "Filters"), re.M)
    return [form for row in rows for form in re.findall(r"`(\{.*?\})`", row)]
