/** Of this package; the same as in package.json, which a test compares. */
export const VERSION = '0.1.0';
/** What members report to etcd's clients. */
export const VERSION_OF_ETCD = '3.5.16';
