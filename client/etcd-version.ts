/**
 * The etcd whose behaviour this store has, and which it names to clients (Status, /version): clients such as kube-apiserver
 * and etcdctl switch features by it. Source of the behaviour: etcd 3.7, as in docs/internals/differences.md. Raise it only together with the
 * behaviour of the release it names.
 */
export const ETCD_SERVER_VERSION = '3.7.1';

/** The version that all members of the cluster speak. */
export const ETCD_CLUSTER_VERSION = '3.7.0';
