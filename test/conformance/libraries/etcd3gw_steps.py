"""What python3-etcd3gw (the JSON gateway) can do, on one store: a line of JSON for each step, with nothing of a store's own."""
import json
import sys
import threading
import time

from etcd3gw.client import Etcd3Client
from etcd3gw.utils import _encode

host, port = sys.argv[1].split(":")
client = Etcd3Client(host=host, port=int(port), api_path="/v3/", timeout=20)


def say(step, **what):
    print(json.dumps({"step": step, **what}, default=str), flush=True)


def failure(call):
    try:
        call()
        return "no failure"
    except Exception as error:
        detail = getattr(error, "detail_text", None)
        return [type(error).__name__, json.loads(detail) if detail else None]


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def meta(found):
    return [[text(v), text(m["key"]), m["create_revision"], m["mod_revision"], m["version"]] for v, m in found]


say("status", version=client.status()["version"].startswith("3."), header=sorted(client.status()["header"]))
say("members", fields=sorted(client.members()[0]), names=sorted(m["name"] for m in client.members()))
say("put", done=client.put("g/a", "1"))
say("get", value=[text(v) for v in client.get("g/a")], missing=client.get("g/none"))
say("metadata", got=meta(client.get("g/a", metadata=True)))
say("create", new=client.create("g/b", "1"), again=client.create("g/b", "2"))
say("replace", wrong=client.replace("g/b", "x", "y"), right=client.replace("g/b", "1", "3"))
for i in range(3):
    client.put("g/many/%d" % i, "v%d" % (9 - i))
for order in ("ascend", "descend"):
    for target in ("key", "version", "create", "mod", "value"):
        found = client.get_prefix("g/many/", sort_order=order, sort_target=target)
        say("get_prefix", order=order, target=target, keys=[text(m["key"]) for _, m in found])
say("get_all", keys=[text(m["key"]) for _, m in client.get_all(sort_order="ascend")])
say(
    "transaction",
    answer=sorted(
        client.transaction(
            {
                "compare": [{"key": _encode("g/a"), "result": "EQUAL", "target": "VALUE", "value": _encode("1")}],
                "success": [{"request_put": {"key": _encode("g/t"), "value": _encode("1")}}],
                "failure": [{"request_range": {"key": _encode("g/a")}}],
            }
        )
    ),
)
say("delete", missing=client.delete("g/none"), there=client.delete("g/t"), many=client.delete_prefix("g/many/"))

events, cancel = client.watch_prefix("w/")
client.put("w/a", "1")
first = next(events)
client.delete("w/a")
second = next(events)
cancel()
say("watch", first=[first.get("type"), text(first["kv"]["value"])], second=[second["type"], sorted(second["kv"])])
threading.Timer(0.5, lambda: client.put("w/once", "now")).start()
say("watch_once", value=text(client.watch_once("w/once", timeout=10)["kv"]["value"]))
say("watch_once times out", failure=failure(lambda: client.watch_once("w/never", timeout=1)))

lease = client.lease(60)
client.put("l/a", "1", lease=lease)
say("lease", left=lease.ttl() > 55, keys=[text(k) for k in lease.keys()], refresh=lease.refresh())
say("revoke", done=lease.revoke(), value=client.get("l/a"), ttl=lease.ttl())
say("revoked twice", failure=failure(lease.revoke))
short = client.lease(2)
client.put("l/short", "1", lease=short)
deadline = time.time() + 15
while client.get("l/short") and time.time() < deadline:
    time.sleep(0.2)
say("expired", value=client.get("l/short"))
with client.lock(id="door", ttl=20) as held:
    say("lock", acquired=held.is_acquired(), second=client.lock(id="door", ttl=5).acquire(), refresh=held.refresh())
say("unlocked", acquired=client.lock(id="door", ttl=5).acquire())
say("no key", failure=failure(lambda: client.put("", "x")))
say("no lease", failure=failure(lambda: client.post(client.get_url("/kv/put"), json={"key": _encode("x"), "lease": 77})))
say("no path", failure=failure(lambda: client.post(client.get_url("/kv/fly"), json={})))
