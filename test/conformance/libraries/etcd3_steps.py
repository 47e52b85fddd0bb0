"""What python3-etcd3 (gRPC) can do, on one store: a line of JSON for each step, with nothing in it that is a store's own."""
import io
import json
import sys
import threading
import time

import etcd3

host, port = sys.argv[1].split(":")
client = etcd3.client(host=host, port=int(port), timeout=10)


def say(step, **what):
    print(json.dumps({"step": step, **what}, default=str), flush=True)


def failure(call):
    try:
        call()
        return "no failure"
    except Exception as error:
        return "%s %s" % (type(error).__name__, getattr(error, "details", lambda: "")())


def text(value):
    return None if value is None else value.decode()


def meta(m):
    return None if m is None else [text(m.key), m.create_revision, m.mod_revision, m.version]


client.put("p/a", "1")
previous = client.put("p/a", "2", prev_kv=True)
say("put", prev=text(previous.prev_kv.value), revision=previous.header.revision)
value, m = client.get("p/a")
say("get", value=text(value), meta=meta(m))
say("missing", got=client.get("p/none"))
say("put_if_not_exists", new=client.put_if_not_exists("p/b", "1"), again=client.put_if_not_exists("p/b", "2"))
say("replace", wrong=client.replace("p/b", "x", "y"), right=client.replace("p/b", "1", "3"))
for i in range(5):
    client.put("p/many/%d" % i, "v%d" % (9 - i))
for order in ("ascend", "descend"):
    for target in ("key", "version", "create", "mod", "value"):
        found = client.get_prefix("p/many/", sort_order=order, sort_target=target)
        say("get_prefix", order=order, target=target, keys=[text(m.key) for _, m in found])
say("get_range", keys=[text(m.key) for _, m in client.get_range("p/a", "p/many/2")])
say("get_all", keys=len(list(client.get_all(keys_only=True))))
say("serializable", value=text(client.get("p/a", serializable=True)[0]))

t = client.transactions
ok, answers = client.transaction(
    compare=[t.value("p/a") == "2", t.version("p/b") > 0, t.create("p/none") == 0, t.mod("p/a") < 1000],
    success=[t.put("p/t", "1"), t.get("p/t"), t.delete("p/b")],
    failure=[t.get("p/a")],
)
say("txn", ok=ok, kinds=[type(a).__name__ for a in answers], got=text(answers[1][0][0]))
ok, answers = client.transaction(compare=[t.value("p/a") == "no"], success=[], failure=[t.get("p/a")])
say("txn", ok=ok, got=[text(v) for v, _ in answers[0]])
ok, answers = client.transaction(
    compare=[], success=[t.txn(compare=[t.value("p/a") == "2"], success=[t.put("p/nested", "1")], failure=[])], failure=[]
)
say("nested txn", ok=ok, nested=answers[0].response_txn.succeeded)
say("duplicate", failure=failure(lambda: client.transaction(compare=[], success=[t.put("k", "1"), t.put("k", "2")], failure=[])))
say("delete", missing=client.delete("p/none"), there=client.delete("p/t"), many=client.delete_prefix("p/many/").deleted)

# Watches: from the past, on a prefix, once, with a callback, and one that is behind a compaction.
revision = client.put("w/a", "1").header.revision
client.put("w/b", "1")
client.delete("w/a")
events, cancel = client.watch_prefix("w/", start_revision=revision, prev_kv=True)
seen = [(type(e).__name__, text(e.key), text(e.value), text(e.prev_value)) for e in (next(events) for _ in range(3))]
cancel()
say("watch_prefix", events=seen)
threading.Timer(0.5, lambda: client.put("w/once", "now")).start()
say("watch_once", value=text(client.watch_once("w/once", timeout=10).value))
say("watch_once times out", failure=failure(lambda: client.watch_once("w/never", timeout=1)))
got = threading.Event()
calls = []
watch_id = client.add_watch_callback("w/called", lambda r: (calls.extend(r.events), got.set()))
client.put("w/called", "x")
got.wait(10)
client.cancel_watch(watch_id)
say("callback", events=[text(e.value) for e in calls])
client.compact(client.put("w/a", "2").header.revision, physical=True)
events, cancel = client.watch("w/a", start_revision=1)
say("compacted watch", failure=failure(lambda: next(events)))
say("compacted", failure=failure(lambda: client.compact(1)))

# Leases and locks.
lease = client.lease(60)
client.put("l/a", "1", lease=lease)
say("lease", ttl=lease.ttl, granted=lease.granted_ttl, left=lease.remaining_ttl > 55, keys=[text(k) for k in lease.keys])
say("refresh", ttl=[r.TTL for r in lease.refresh()])
lease.revoke()
say("revoked", value=client.get("l/a"), info=client.get_lease_info(lease.id).TTL)
say("revoked twice", failure=failure(lambda: client.revoke_lease(lease.id)))
chosen = client.lease(60, lease_id=424242)
say("chosen id", id=chosen.id, again=failure(lambda: client.lease(60, lease_id=424242)))
chosen.revoke()
short = client.lease(2)
client.put("l/short", "1", lease=short)
deadline = time.time() + 15
while client.get("l/short")[0] is not None and time.time() < deadline:
    time.sleep(0.2)
say("expired", value=client.get("l/short"))
# Only a lock that is free: waiting for one fails in this client itself (its pause does not fit Debian's tenacity).
with client.lock("door", ttl=20) as held:
    say("lock", acquired=held.is_acquired(), refresh=[r.TTL for r in held.refresh()])
say("unlocked", key=[text(m.key) for _, m in client.get_prefix("/locks/")])

# The cluster.
members = list(client.members)
say("members", names=sorted(m.name for m in members), urls=all(list(m.client_urls) for m in members))
status = client.status()
say("status", leader=status.leader is not None, size=status.db_size > 0, index=status.raft_index > 0)
client.defragment()
say("alarms", none=list(client.list_alarms()))
alarm = list(client.create_alarm())
say("alarm", kind=alarm[0].alarm_type, put=failure(lambda: client.put("x", "1")), left=list(client.disarm_alarm()) != [])
client.put("x", "1")
file = io.BytesIO()
client.snapshot(file)
say("snapshot", bytes=len(file.getvalue()) > 10000)
say("bad key", failure=failure(lambda: client.get("")))
