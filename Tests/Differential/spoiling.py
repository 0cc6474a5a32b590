"""One fault put into a valid request: a wrong type somewhere, a field too few or too many, or broken JSON text."""

import copy
import json

WRONG = [None, 0, -1, 3, "x", "", [], {}, True, [1], [None], [[]], ["x"], {"x": 1}, 2**40, 10**30, -2**63 - 1]


def places(value, path=()):
    """Every place in a JSON value, as a path of keys and positions (the value itself excluded)."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield path + (key,)
        yield from places(child, path + (key,))


def spoil(value, random, fractional):
    """A copy of `value` with one fault. `fractional` allows numbers that are not whole as replacements."""
    value = copy.deepcopy(value)
    everywhere = list(places(value))
    choice = random.randrange(10)
    if choice == 0 or not everywhere:
        if isinstance(value, dict):
            value[random.choice(["unknown", "sort", "k"])] = random.choice(WRONG)
        return value
    if choice == 1:
        return random.choice([[], None, "x", 5, True, [value]])
    path = random.choice([place for place in everywhere if len(place) <= random.choice([1, 2, 9])] or everywhere)
    parent = value
    for step in path[:-1]:
        parent = parent[step]
    if choice == 2:
        del parent[path[-1]]
    elif choice == 3 and isinstance(parent, list):
        parent.append(copy.deepcopy(parent[path[-1]]))
    else:
        parent[path[-1]] = random.choice(WRONG + ([1.5, -0.5] if fractional else []))
    return value


def break_text(text, random):
    """Text that is no longer JSON (or JSON with a repeated field)."""
    choice = random.randrange(6)
    if choice == 0:
        return text[:random.randrange(len(text))]
    if choice == 1:
        return text + random.choice(["}", " x", ",", "null"])
    if choice == 2:
        return text.replace(":", random.choice(["", "::", " = "]), 1)
    if choice == 3:
        return random.choice(["NaN", "nul", "'x'", "\ufeff" + text, '{"ids":["\\ud800"]}', '{"limit":+1}', '{"a":01}'])
    if choice == 4:
        return "[" * 200 + "]" * 200
    first = next(iter(json.loads(text)), None) if text.startswith("{") else None
    if first is None:
        return "{"
    return "{" + json.dumps(first) + ":" + json.dumps(json.loads(text)[first]) + "," + text[1:]
