"""Service calls, collections, tenants and databases."""

import uuid

from harness import check, equal, raises, true


@check()
def heartbeat_is_now(s):
    true(s.client.heartbeat() > 1_600_000_000 * 10**9, "heartbeat in nanoseconds since 1970")


@check()
def version_is_a_dotted_string(s):
    version = s.client.get_version()
    true(isinstance(version, str) and version.count(".") >= 2, f"a version like 1.2.3, found {version!r}")


@check()
def batch_size_is_announced(s):
    size = s.client.get_max_batch_size() if hasattr(s.client, "get_max_batch_size") else s.client.max_batch_size
    true(isinstance(size, int) and size >= 1000, f"a batch size of at least 1000, found {size!r}")


@check()
def create_then_get(s):
    made = s.collection("create", metadata={"text": "ü", "whole": 7, "real": 1.5, "yes": True})
    got = s.client.get_collection(made.name, embedding_function=None)
    equal(got.id, made.id, "id")
    equal(got.name, made.name, "name")
    equal({k: got.metadata[k] for k in ("text", "whole", "real", "yes")},
          {"text": "ü", "whole": 7, "real": 1.5, "yes": True}, "metadata")
    true(isinstance(made.id, uuid.UUID), "the id is a UUID")


@check()
def create_without_metadata(s):
    made = s.collection("bare")
    equal(s.client.get_collection(made.name, embedding_function=None).metadata, None, "metadata")


@check()
def get_or_create_returns_the_same(s):
    made = s.collection("again", metadata={"first": 1})
    again = s.client.get_or_create_collection(made.name, embedding_function=None)
    equal(again.id, made.id, "id")
    fresh = s.name("fresh")
    first = s.client.get_or_create_collection(fresh, metadata={"n": 1}, embedding_function=None)
    s.made.append(fresh)
    equal(s.client.get_collection(fresh, embedding_function=None).id, first.id, "id of the new one")


@check()
def default_embedding_function_is_echoed(s):
    """The stock call of applications: the function is stored and the next get does not find a conflict."""
    name = s.name("stock")
    made = s.client.get_or_create_collection(name=name, metadata={"description": "d", "model": "m", "dimension": 384})
    s.made.append(name)
    equal(s.client.get_collection(name).id, made.id, "id")
    equal(s.client.get_or_create_collection(name=name).id, made.id, "id of get_or_create")


@check()
def list_and_count(s):
    names = {s.collection("list").name for _ in range(3)}
    listed = s.client.list_collections()
    found = {entry if s.lists_names_only else entry.name for entry in listed}
    true(names <= found, f"the list lacks {names - found}")
    if not s.lists_names_only:
        by_name = {entry.name: entry for entry in listed}
        for name in names:
            equal(by_name[name].id, s.client.get_collection(name, embedding_function=None).id, "id in the list")
    if hasattr(s.client, "count_collections"):
        true(s.client.count_collections() >= len(names), "the count is at least what this session made")


@check(lambda s: s.has_tenants)
def list_pages(s):
    """In a database of its own, so that other clients do not move the pages."""
    database = "db" + uuid.uuid4().hex
    s.admin().create_database(database)
    client = s.connect(database=database)
    names = [f"{s.prefix}-page-{i}" for i in range(5)]
    for name in names:
        client.create_collection(name, embedding_function=None)
    equal(client.count_collections(), 5, "count")
    pages = []
    for offset in (0, 2, 4):
        page = client.list_collections(limit=2, offset=offset)
        pages += [entry if s.lists_names_only else entry.name for entry in page]
    equal(sorted(pages), names, "names over three pages")
    for name in names:
        client.delete_collection(name)
    equal(client.count_collections(), 0, "count after deleting")


@check()
def rename_and_replace_metadata(s):
    made = s.collection("old", metadata={"a": 1, "b": 2})
    new = s.name("new")
    made.modify(name=new)
    s.made.append(new)
    equal(s.client.get_collection(new, embedding_function=None).id, made.id, "id under the new name")
    made.modify(metadata={"c": 3})
    metadata = s.client.get_collection(new, embedding_function=None).metadata
    equal(metadata.get("c"), 3, "the new key")
    true("a" not in metadata, f"the old keys are gone, found {metadata}")


@check()
def delete_collection(s):
    made = s.collection("gone")
    s.client.delete_collection(made.name)
    kinds, text = s.missing_collection
    raises(lambda: s.client.get_collection(made.name, embedding_function=None), text, kinds)
    again = s.client.create_collection(made.name, embedding_function=None)
    true(again.id != made.id, "a collection made anew has a new id")
    equal(again.count(), 0, "count of the new one")


@check(lambda s: s.is_current)
def configuration_is_echoed(s):
    made = s.collection("configured", configuration={"hnsw": {"space": "cosine", "ef_construction": 150,
                                                              "max_neighbors": 24, "ef_search": 77}})
    found = s.client.get_collection(made.name, embedding_function=None).configuration_json["hnsw"]
    equal({k: found[k] for k in ("space", "ef_construction", "max_neighbors", "ef_search")},
          {"space": "cosine", "ef_construction": 150, "max_neighbors": 24, "ef_search": 77}, "configuration")
    made.modify(configuration={"hnsw": {"ef_search": 99}})
    found = s.client.get_collection(made.name, embedding_function=None).configuration_json["hnsw"]
    equal((found["ef_search"], found["max_neighbors"]), (99, 24), "configuration after modify")


@check(lambda s: s.has_tenants)
def tenants_and_databases(s):
    admin = s.admin()
    tenant, database = "tenant" + uuid.uuid4().hex, "database" + uuid.uuid4().hex
    admin.create_tenant(tenant)
    equal(admin.get_tenant(tenant)["name"], tenant, "tenant")
    admin.create_database(database, tenant)
    found = admin.get_database(database, tenant)
    equal((found["name"], found["tenant"]), (database, tenant), "database")
    raises(lambda: admin.create_tenant(tenant), "already exists")
    raises(lambda: admin.create_database(database, tenant), "already exists")
    raises(lambda: admin.get_tenant("absent" + tenant), "not found")
    raises(lambda: admin.get_database("absent" + database, tenant), "not found")
    client = s.connect(tenant=tenant, database=database)
    equal(list(client.list_collections()), [], "a new database is empty")
    made = client.create_collection("shared-name", embedding_function=None)
    made.add(ids=["x"], embeddings=[[1.0, 2.0]])
    equal(client.get_collection("shared-name", embedding_function=None).count(), 1, "count")
    kinds, text = s.missing_collection
    raises(lambda: s.client.get_collection("shared-name", embedding_function=None), text, kinds)
    client.delete_collection("shared-name")


@check(lambda s: s.has_tenants)
def absent_tenant_or_database_at_connection(s):
    raises(lambda: s.connect(tenant="absent" + uuid.uuid4().hex), "(exist|not found)")
    raises(lambda: s.connect(database="absent" + uuid.uuid4().hex), "(exist|not found)")


@check(lambda s: s.has_list_databases)
def list_and_delete_databases(s):
    admin = s.admin()
    tenant = "tenant" + uuid.uuid4().hex
    admin.create_tenant(tenant)
    names = sorted("database" + uuid.uuid4().hex for _ in range(3))
    for name in names:
        admin.create_database(name, tenant)
    equal(sorted(entry["name"] for entry in admin.list_databases(tenant=tenant)), names, "databases")
    equal(len(admin.list_databases(limit=2, tenant=tenant)), 2, "limited list")
    admin.delete_database(names[0], tenant)
    equal(sorted(entry["name"] for entry in admin.list_databases(tenant=tenant)), names[1:], "after deleting")
