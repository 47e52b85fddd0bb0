declare const brand: unique symbol;

/** A primitive that cannot be mixed up with another of the same shape: `Index` is not `Revision`, though both are numbers. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Position in the Raft log; the first entry is 1, 0 means none. */
export type Index = Brand<number, 'Index'>;
/** Raft term; 0 before the first election. */
export type Term = Brand<number, 'Term'>;
/** MVCC revision; an empty store is at 1, its first write is 2. */
export type Revision = Brand<number, 'Revision'>;
/** A member of the cluster; unsigned 64 bits, 0n means none. */
export type MemberId = Brand<bigint, 'MemberId'>;
/** A lease; signed 64 bits on the wire, 0n means none. */
export type LeaseId = Brand<bigint, 'LeaseId'>;

export const NO_MEMBER = 0n as MemberId;
export const NO_LEASE = 0n as LeaseId;
