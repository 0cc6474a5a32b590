"""The `where` language evaluated in the plainest way over records held as dictionaries.

Used only to explain one bug of the reference server: it compares integer values with the integer part of a fractional
number. `matches(…, truncating=True)` reproduces that, `truncating=False` is the arithmetic that the words promise.
"""

import re


def has_fraction(filter_):
    """Whether any number compared with is a float that is not whole."""
    if isinstance(filter_, float):
        return filter_ != int(filter_) if abs(filter_) < 1e300 else False
    if isinstance(filter_, dict):
        return any(has_fraction(value) for value in filter_.values())
    if isinstance(filter_, list):
        return any(has_fraction(value) for value in filter_)
    return False


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def equal(stored, operand, truncating):
    if isinstance(operand, bool) or isinstance(stored, bool):
        return isinstance(operand, bool) and isinstance(stored, bool) and stored == operand
    if is_number(operand) and is_number(stored):
        if truncating and isinstance(stored, int) and isinstance(operand, float):
            return stored == int(operand)
        return stored == operand
    return type(stored) is type(operand) and stored == operand


def ordered(operator, stored, operand, truncating):
    if not is_number(stored):
        return False
    if truncating and isinstance(stored, int) and isinstance(operand, float):
        operand = int(operand)
    return {"$gt": stored > operand, "$gte": stored >= operand,
            "$lt": stored < operand, "$lte": stored <= operand}[operator]


def document_matches(document, operator, operand):
    if operator.startswith("$not_"):
        return not document_matches(document, "$" + operator[5:], operand)
    if document is None:
        return False
    if operator == "$contains":
        return operand in document
    # Python has no \p{L}; the generator's other patterns mean the same here.
    return re.search(operand.replace("\\p{L}", r"[^\W\d_]"), document) is not None


def contains(stored, operand):
    return isinstance(stored, list) and any(type(item) is type(operand) and item == operand for item in stored)


def key_matches(stored, operator, operand, truncating):
    if operator == "$eq":
        return equal(stored, operand, truncating)
    if operator == "$in":
        return any(equal(stored, item, truncating) for item in operand)
    if operator == "$contains":
        return contains(stored, operand)
    if operator in ("$ne", "$nin", "$not_contains"):
        positive = {"$ne": "$eq", "$nin": "$in", "$not_contains": "$contains"}[operator]
        return not key_matches(stored, positive, operand, truncating)
    return ordered(operator, stored, operand, truncating)


def matches(record, where, truncating):
    """`record` is {"metadata": dict or None, "document": str or None}; `where` a filter the servers accepted."""
    (key, condition), = where.items()
    if key == "$and":
        return all(matches(record, child, truncating) for child in condition)
    if key == "$or":
        return any(matches(record, child, truncating) for child in condition)
    operator, operand = next(iter(condition.items())) if isinstance(condition, dict) else ("$eq", condition)
    if key == "#document":
        return document_matches(record["document"], operator, operand)
    return key_matches((record["metadata"] or {}).get(key), operator, operand, truncating)


def matches_document(record, where, truncating=False):
    """The `where_document` language: operators at the top, no keys."""
    (key, condition), = where.items()
    if key == "$and":
        return all(matches_document(record, child) for child in condition)
    if key == "$or":
        return any(matches_document(record, child) for child in condition)
    return document_matches(record["document"], key, condition)
