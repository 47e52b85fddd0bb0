import type { StatusResponse } from '../proto/gen/etcd.ts';

/** An alarm that a member has raised. */
export interface ActiveAlarm {
  readonly memberId: bigint;
  readonly name: 'NOSPACE' | 'CORRUPT';
}

/** The alarms that a member's status tells, in the form that etcd writes them in `errors`. */
export function alarmsOf(status: StatusResponse): readonly ActiveAlarm[] {
  return status.errors.flatMap((text) =>
    [...text.matchAll(/memberID:(\d+) alarm:(NOSPACE|CORRUPT)/g)].map(([, memberId, name]) => ({
      memberId: BigInt(memberId ?? '0'),
      name: name === 'CORRUPT' ? ('CORRUPT' as const) : ('NOSPACE' as const),
    })),
  );
}
