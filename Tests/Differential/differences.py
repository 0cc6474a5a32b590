"""The deliberate differences from Chroma 1.5.9, each with its reason.

A difference looks at a case (request and both answers) and, where it applies, rewrites the two answers into a common
form, so that what it does not speak of is still compared. It returns True when it rewrote something. A difference after
which the two servers hold other data says so with `case.diverged`: the harness then starts that collection afresh.

One more difference is kept out of the generator, since no rule could tell it from a bug: in patterns, `\\w`, `\\d` and `\\b`
know ASCII only (RE2), at Chroma all of Unicode; `\\p{L}` means the same at both.
And one shows only later: Chroma lets a write that it refuses for its unequal columns fix the collection's dimension; ours
applies nothing of a refused write. After such a write the harness starts the collection afresh.
"""

import explanations


class Difference:
    def __init__(self, name, reason, rewrite):
        self.name, self.reason, self.rewrite = name, reason, rewrite


DIFFERENCES = [
    Difference("normalised embeddings", "Chroma keeps the embeddings of a cosine collection normalised and gives them back rounded "
               "(within 1e-5); ours gives back what came in", explanations.normalised_embeddings),
    Difference("hidden uri", "Chroma keeps a uri as a hidden metadata key: a record with a uri and no metadata comes back "
               "with {}; ours with null, like one without a uri", explanations.hidden_uri),
    Difference("log position", "log_position tells how far the log has come; Chroma on one node "
               "says 0, or where an earlier clean-up left off", explanations.log_position),
    Difference("version", "version grows with every change of a collection, of its records too; Chroma on one node "
               "always says 0", explanations.version),
    Difference("unseen kinds", "to Chroma's schema an empty list is a list of booleans, and every value counts of an id that "
               "stands twice in one request; ours lists the kinds that a record has had", explanations.unseen_kinds),
    Difference("trailing slash", "a slash at the end of a path is accepted, as the servers before 1.0 did", explanations.trailing_slash),
    Difference("several keys", "several keys in one `where` mean all of them, as programs that send them expect; Chroma "
               "refuses them", explanations.joined_keys),
    Difference("overflowing query", "a query vector with a number beyond 32-bit floats is refused like one being stored; "
               "Chroma searches with infinity and answers null distances", explanations.overflowing_query),
    Difference("overflowing distance", "a distance beyond 32-bit floats is the largest one; Chroma answers null", explanations.overflowing_distances),
    Difference("indexing_status", "Chroma on one node answers 500; ours answers what the endpoint is for", explanations.indexing_status),
    Difference("max_batch_size", "at least 100,000 records in one request instead of 5,461", explanations.batch_size),
    Difference("reference fails", "Chroma answers 500 or closes the connection (a list in collection metadata, a rename "
               "to a name in use, an absent id among a query's `ids`); ours gives the answer or a clear 4xx",
               explanations.reference_failed),
    Difference("409 by name", "a conflict is called UniqueConstraintError, which clients map to their own class; Chroma "
               "says only ChromaError", explanations.unique_constraint),
    Difference("repeated ids", "one `add` that names an id twice is refused as DuplicateID, as the Python client does by "
               "itself; Chroma silently keeps the first", explanations.repeated_identifiers),
    Difference("honest deleted", "`deleted` counts records that were there; Chroma counts the ids asked for",
               explanations.honest_deleted),
    Difference("order as asked", "get(ids) answers in the order of the ids; Chroma in the order of insertion",
               explanations.order_as_asked),
    Difference("collection order", "collections are listed in the order of creation; Chroma's order is that of random ids",
               explanations.collection_order),
    Difference("fractional numbers", "Chroma compares stored integers with the integer part of a fractional number, so "
               "1 matches `$in [1.5]` and `$gte 1.5`; ours compares the numbers", explanations.fractional_numbers),
    Difference("JSON depth", "Chroma's parser refuses more than 127 levels; the limit of ours may be another", explanations.depth_limit),
    Difference("JSON detail", "errors in the body have Chroma's status, name and first words; the detail (serde's words, line "
               "and column) is ours", explanations.json_errors),
    Difference("filter detail", "a `where` that is refused for what Chroma does not know is told what is wrong after Chroma's words",
               explanations.filter_detail),
    Difference("lone surrogates", "half of a surrogate pair in a JSON string is no text, wherever it stands; Chroma overlooks it in "
               "fields that it does not read", explanations.lone_surrogates),
    Difference("rule parameters", "Chroma prints the parameters of a length rule in random order", explanations.random_order_of_parameters),
    Difference("several faults", "when a request breaks several rules Chroma lists them in random order; ours names the first",
               explanations.several_validation_errors),
    Difference("routing body", "an unknown route or method has a JSON error body too; Chroma's is empty", explanations.routing),
    Difference("two faults", "a request with a faulty body to a collection that does not exist is refused for its body; "
               "Chroma names the collection first", explanations.rule_before_collection),
    Difference("counts first", "columns of different lengths are refused before their vectors are compared with the collection; "
               "Chroma does it the other way round", explanations.counts_before_dimension),
    Difference("beyond one node", "/search, /fork and /fork_count answer what Chroma's distributed server does; one node of Chroma answers 501",
               explanations.beyond_one_node),
    Difference("regex message", "the words about a faulty pattern are those of the regular expression library",
               explanations.regular_expression_message),
    Difference("missing parent", "a database is not created in a tenant that does not exist (404); Chroma creates it "
               "there", explanations.missing_parent),
]


def explain(case, compare):
    """Applies differences until the answers agree.

    Gives the names of those that rewrote something (None if the answers still disagree) and what then remains, in words.
    """
    applied = []
    for difference in DIFFERENCES:
        if difference.rewrite(case):
            applied.append(difference.name)
            if compare(case) is None:
                return applied, None
    return None, compare(case)


def chroma_kept_dimension_of_refused(case):
    """Whether both servers refused a write for its unequal columns, after Chroma had taken the dimension from it."""
    return (explanations.both_error(case, 400) and case.kind in ("add", "update", "upsert")
            and (case.chroma.message or "").startswith("Inconsistent number of IDs")
            and isinstance(case.body, dict) and bool(case.body.get("embeddings")))
