import type { Reader } from '../../../platform/db/index.js';
import type { MonitoringDeps } from '../monitoring-deps.js';
import { monitoringErrors } from '../monitoring-errors.js';
import { alertAcknowledged } from '../monitoring-events.js';
import type { MonitoringService } from '../monitoring-types.js';
import { presentAlert } from './present-alert.js';

export function createAlertService({
  db,
  store,
  clock,
}: MonitoringDeps): Pick<MonitoringService, 'alerts' | 'alert' | 'acknowledge'> {
  const load = async (reader: Reader, id: string) => {
    const alert = await store.alert(reader, id);
    if (alert === undefined) throw monitoringErrors.MON_ALERT_NOT_FOUND(`There is no alert ${id}.`, { data: { id } });
    return alert;
  };
  return {
    alerts: async (filter) => (await store.alerts(db, filter)).map(presentAlert),
    alert: async (id) => presentAlert(await load(db, id)),
    acknowledge: (context, id) =>
      db.transact(context, async (tx) => {
        const before = await load(tx, id);
        if (before.state === 'resolved') {
          throw monitoringErrors.MON_ALERT_RESOLVED(`Alert ${id} is resolved since ${before.resolvedAtMs}.`, {
            data: { id, resolvedAtMs: before.resolvedAtMs },
          });
        }
        // The first to take it keeps it; to take it twice changes nothing.
        if (before.state === 'acknowledged') return presentAlert(before);
        const after = {
          ...before,
          state: 'acknowledged' as const,
          acknowledgedBy: context.actor.id,
          updatedAtMs: clock.nowMs(),
        };
        await store.saveAlert(tx, after);
        const change = { before: presentAlert(before), after: presentAlert(after) };
        tx.record(alertAcknowledged.of({ kind: 'alert', id }, { alertId: id }, change));
        return presentAlert(after);
      }),
  };
}
