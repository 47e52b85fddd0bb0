import { UsageError } from '../usage-error.ts';
import { boolOf, type FlagReader } from './flag.ts';

/** Those that are served: they are older flags by another name. */
export const SERVED_GATES: readonly string[] = ['CompactHashCheck', 'InitialCorruptCheck'];

/** Those of etcd 3.6 and 3.7, and the groups of Kubernetes' library. The rest has no effect: docs/operating/flags.md says why. */
export const FEATURE_GATES: readonly string[] = [
  'AllAlpha',
  'AllBeta',
  'CompactHashCheck',
  'FastLeaseKeepAlive',
  'InitialCorruptCheck',
  'LeaseCheckpoint',
  'LeaseCheckpointPersist',
  'PriorityRequest',
  'SetMemberLocalAddr',
  'StopGRPCServiceOnDefrag',
  'TxnModeWriteWithSharedBuffer',
];

/** The gates that --feature-gates turns on. Errors: UsageError for what is no gate, and no truth value. */
export function enabledFeatureGates(flags: FlagReader): readonly string[] {
  return flags.list('feature-gates').flatMap((pair) => {
    const [name = '', value] = pair.split('=').map((part) => part.trim());
    if (!FEATURE_GATES.includes(name)) throw invalid(pair, `unrecognized feature gate: ${name}`);
    if (value === undefined) throw invalid(pair, `missing bool value for feature gate ${name}`);
    const enabled = boolOf(value);
    if (enabled === undefined) throw invalid(pair, `"${value}" is not true or false`);
    return enabled ? [name] : [];
  });
}

function invalid(pair: string, why: string): UsageError {
  return new UsageError(`invalid value "${pair}" for --feature-gates: ${why}`);
}
