"""Whether two answers say the same, field by field.

What the protocol leaves open is not compared: the text of ids and times, the order of the keys of an object, the place
among records at the same distance. Everything else is, types included: 1 and 1.0 are different metadata.
"""

import re
import struct

RELATIVE_TOLERANCE = 1e-5
ABSOLUTE_TOLERANCE = 1e-5
UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)


def normalise_text(text, server):
    """Collection ids as the keys they are bound to; other ids as a mark."""
    if not isinstance(text, str):
        return text
    return UUID.sub(lambda match: "<" + server.names.get(match.group(0).lower(), "uuid") + ">", text)


def normalise(value, server):
    if isinstance(value, dict):
        result = {key: normalise(child, server) for key, child in value.items()}
        if "nanosecond heartbeat" in result and isinstance(result["nanosecond heartbeat"], int):
            result["nanosecond heartbeat"] = "<time>"
        if isinstance(value.get("id"), str):
            result["id"] = normalise_text(value["id"], server)
        if set(value) == {"error", "message"}:
            result["message"] = normalise_text(value["message"], server)
        return result
    if isinstance(value, list):
        return [normalise(child, server) for child in value]
    return value


def same(left, right):
    """Equality with types: bool, integer, float and text are never equal to each other."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right))
    return left == right


def float32(value):
    try:
        return struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def same_vectors(left, right):
    if left is None or right is None:
        return left is right
    return len(left) == len(right) and all(float32(a) == float32(b) for a, b in zip(left, right))


def close(left, right):
    if left is None or right is None:
        return left is right
    return abs(left - right) <= max(ABSOLUTE_TOLERANCE, RELATIVE_TOLERANCE * max(abs(left), abs(right)))


COLUMNS = ("ids", "embeddings", "documents", "uris", "metadatas", "distances")


def rows_of(columns):
    """The columns of a `get` answer (or of one query vector) as rows; None when they are not of one length."""
    present = [name for name in COLUMNS if columns.get(name) is not None]
    lengths = {len(columns[name]) for name in present}
    if len(lengths) != 1:
        return None
    return [{name: columns[name][index] for name in present} for index in range(lengths.pop())]


def same_row(left, right):
    for name in COLUMNS:
        if (name in left) != (name in right):
            return False
        if name not in left:
            continue
        if name == "embeddings":
            equal = same_vectors(left[name], right[name])
        elif name == "distances":
            equal = close(left[name], right[name])
        else:
            equal = same(left[name], right[name])
        if not equal:
            return False
    return True


def is_records(value):
    return isinstance(value, dict) and "ids" in value and "include" in value and isinstance(value["ids"], list)


def compare_get(ours, chroma):
    left, right = rows_of(ours), rows_of(chroma)
    if left is None or right is None:
        return "columns of different lengths"
    if ours["include"] != chroma["include"]:
        return f"include: {ours['include']} against {chroma['include']}"
    if [row["ids"] for row in left] != [row["ids"] for row in right]:
        return f"ids: {[row['ids'] for row in left]} against {[row['ids'] for row in right]}"
    for a, b in zip(left, right):
        if not same_row(a, b):
            return f"record {a['ids']!r}: {a} against {b}"
    if any((ours.get(name) is None) != (chroma.get(name) is None) for name in COLUMNS):
        return "a column is null at one server only"
    return None


def tie_groups(rows):
    """Rows cut into runs of one distance. Without distances there is a single run: then only the set is comparable."""
    groups = []
    for row in rows:
        if groups and close(groups[-1][-1].get("distances"), row.get("distances")):
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def compare_ranked(left, right, limit):
    """One query vector. Records at one distance may come in any order, and any of them may be cut off by `limit`."""
    if len(left) != len(right):
        return f"{len(left)} hits against {len(right)}: {[r['ids'] for r in left]} against {[r['ids'] for r in right]}"
    position = 0
    for group in tie_groups(right):
        opposite = left[position:position + len(group)]
        cut = position + len(group) == len(right) and len(right) == limit
        position += len(group)
        if all("distances" in row for row in group) and not all(
                close(a["distances"], b["distances"]) for a, b in zip(opposite, group)):
            return f"distances: {[r['distances'] for r in left]} against {[r['distances'] for r in right]}"
        by_id = {row["ids"]: row for row in group}
        for row in opposite:
            other = by_id.get(row["ids"])
            if other is None and cut:
                continue
            if other is None:
                return f"ids: {[r['ids'] for r in left]} against {[r['ids'] for r in right]}"
            if not same_row(row, other):
                return f"record {row['ids']!r}: {row} against {other}"
    return None


def compare_query(ours, chroma, limit):
    if ours["include"] != chroma["include"]:
        return f"include: {ours['include']} against {chroma['include']}"
    if any((ours.get(name) is None) != (chroma.get(name) is None) for name in COLUMNS):
        return "a column is null at one server only"
    if len(ours["ids"]) != len(chroma["ids"]):
        return f"{len(ours['ids'])} lists against {len(chroma['ids'])}"
    for index in range(len(chroma["ids"])):
        left = rows_of({name: ours[name][index] for name in COLUMNS if ours.get(name) is not None})
        right = rows_of({name: chroma[name][index] for name in COLUMNS if chroma.get(name) is not None})
        if left is None or right is None:
            return "columns of different lengths"
        difference = compare_ranked(left, right, limit)
        if difference:
            return f"query vector {index}: {difference}"
    return None


def first_difference(left, right, path):
    """The first place where two unequal values differ, and what stands there."""
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(left.keys() | right.keys()):
            if key not in left or key not in right:
                there = [repr(side[key]) if key in side else "nothing" for side in (left, right)]
                return f"{path}.{key}: {there[0]} against {there[1]}"
            if not same(left[key], right[key]):
                return first_difference(left[key], right[key], f"{path}.{key}")
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, (a, b) in enumerate(zip(left, right)):
            if not same(a, b):
                return first_difference(a, b, f"{path}[{index}]")
    return f"{path or 'body'}: {left!r} against {right!r}"


def compare(case):
    """None when the two answers of a case say the same, else the first difference in words."""
    ours, chroma = case.ours, case.chroma
    if ours.status != chroma.status:
        return f"status {ours.status} against {chroma.status}"
    if ours.value is None or chroma.value is None:
        return None if ours.text == chroma.text else "bodies differ"
    if (ours.content_type or "").split(";")[0] != (chroma.content_type or "").split(";")[0]:
        return f"content type {ours.content_type} against {chroma.content_type}"
    if ours.succeeded and is_records(ours.value) and is_records(chroma.value):
        if ours.value.keys() != chroma.value.keys():
            return f"fields {sorted(ours.value)} against {sorted(chroma.value)}"
        if case.kind == "query":
            limit = case.body.get("n_results") if isinstance(case.body, dict) else None
            return compare_query(ours.value, chroma.value, 10 if limit is None else limit)
        return compare_get(ours.value, chroma.value)
    if same(ours.value, chroma.value):
        return None
    return first_difference(ours.value, chroma.value, "")
