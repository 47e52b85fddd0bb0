import { StoreError } from '../../../base/store-error.ts';
import type { AlarmChange } from '../../../proto/gen/command.ts';
import { AlarmType } from '../../../proto/gen/etcd.ts';
import type { ActiveAlarm } from '../alarms.ts';
import { alarmGoneRow, alarmRow } from '../rows.ts';
import type { Effect, State } from '../state.ts';

/**
 * Raises or clears an alarm. Raising one that is active changes nothing, clearing one that is not has no outcome to show: as in etcd.
 * Errors: UNKNOWN for a type that is none.
 */
export function applyAlarm({ alarms, rows }: State, change: AlarmChange): Effect {
  const { memberID, alarm, active, automatic } = change;
  if (alarm !== AlarmType.NOSPACE && alarm !== AlarmType.CORRUPT)
    return { outcome: { type: 'error', error: new StoreError('UNKNOWN', `no alarm of type ${alarm}`) } };
  const before = alarms.get(memberID, alarm);
  if (active && before === undefined) {
    const raised: ActiveAlarm = { memberID, alarm, automatic };
    alarms.set(raised);
    rows.push(alarmRow(raised));
    return { outcome: { type: 'alarm', alarms: [raised] } };
  }
  if (!active && before !== undefined) {
    alarms.delete(before);
    rows.push(alarmGoneRow(before));
  }
  return { outcome: { type: 'alarm', alarms: before === undefined ? [] : [before] } };
}
