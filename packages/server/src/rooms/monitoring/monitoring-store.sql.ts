import type { Reader, Tx } from '../../platform/db/index.js';
import type { KeptAlert } from './alerts/alert-rules.js';
import type { MonitoringStore } from './monitoring-store.js';
import type { ColumnCheck, Monitor, MonitorReport } from './monitoring-types.js';
import { sqlRewardStore } from './rewards/reward-store.sql.js';
import { sqlTruthStore } from './truth/truth-store.sql.js';

interface Tables {
  monitoring_monitor: { name: string; spec: string; checks: number; updated_at_ms: number };
  monitoring_report: { id: string; monitor: string; created_at_ms: number; body: string };
  monitoring_alert: AlertRow;
}

interface AlertRow {
  id: string;
  monitor: string;
  endpoint: string;
  kind: string;
  state: string;
  active_key: string | null;
  opened_at_ms: number;
  body: string;
}

export const sqlMonitoringStore: MonitoringStore = {
  monitor: async (reader, name) => (await readMonitors(reader, name))[0],
  monitors: (reader) => readMonitors(reader),
  saveMonitor: async (tx, { name, spec, updatedAtMs }) => {
    const row = { spec: JSON.stringify(spec), updated_at_ms: updatedAtMs };
    await tx
      .sql<Tables>()
      .insertInto('monitoring_monitor')
      .values({ name, checks: 0, ...row })
      .onConflict((c) => c.column('name').doUpdateSet(row))
      .execute();
  },
  beginCheck: async (tx, name) => {
    await tx
      .sql<Tables>()
      .updateTable('monitoring_monitor')
      .set((e) => ({ checks: e('checks', '+', 1) }))
      .where('name', '=', name)
      .execute();
  },

  insertReport: async (tx, report) => {
    const { id, monitor, createdAtMs } = report;
    const row = { id, monitor, created_at_ms: createdAtMs, body: JSON.stringify(report) };
    await tx.sql<Tables>().insertInto('monitoring_report').values(row).execute();
  },
  report: async (reader, id) => {
    const query = reader.sql<Tables>().selectFrom('monitoring_report').select('body').where('id', '=', id);
    const row = await query.executeTakeFirst();
    return row && toReport(row.body);
  },
  reports: async (reader, monitor, limit) => {
    const rows = await reader
      .sql<Tables>()
      .selectFrom('monitoring_report')
      .select('body')
      .where('monitor', '=', monitor)
      .orderBy('created_at_ms', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(({ body }) => toReport(body));
  },

  ...alertQueries(),
  ...sqlTruthStore,
  ...sqlRewardStore,
};

function alertQueries(): Pick<MonitoringStore, 'activeAlert' | 'saveAlert' | 'alert' | 'alerts' | 'countActive'> {
  const all = (reader: Reader) => reader.sql<Tables>().selectFrom('monitoring_alert').select('body');
  return {
    activeAlert: async (reader, monitor, kind) => {
      const row = await all(reader).where('active_key', '=', activeKey(monitor, kind)).executeTakeFirst();
      return row && toAlert(row.body);
    },
    saveAlert,
    alert: async (reader, id) => {
      const row = await all(reader).where('id', '=', id).executeTakeFirst();
      return row && toAlert(row.body);
    },
    alerts: async (reader, { state, endpoint, limit }) => {
      let query = all(reader);
      if (state !== undefined) query = query.where('state', '=', state);
      if (endpoint !== undefined) query = query.where('endpoint', '=', endpoint);
      const rows = await query.orderBy('opened_at_ms', 'desc').orderBy('id', 'desc').limit(limit).execute();
      return rows.map(({ body }) => toAlert(body));
    },
    countActive: async (reader) => {
      const rows = await reader
        .sql<Tables>()
        .selectFrom('monitoring_alert')
        .select((e) => ['monitor', e.fn.countAll<number>().as('alerts')])
        .where('active_key', 'is not', null)
        .groupBy('monitor')
        .execute();
      return rows.map(({ monitor, alerts }) => ({ monitor, alerts: Number(alerts) }));
    },
  };
}

async function saveAlert(tx: Tx & Reader, alert: KeptAlert): Promise<void> {
  const row = {
    state: alert.state,
    active_key: alert.state === 'resolved' ? null : activeKey(alert.monitor, alert.kind),
    body: JSON.stringify(alert),
  };
  const { id, monitor, endpoint, kind, openedAtMs } = alert;
  await tx
    .sql<Tables>()
    .insertInto('monitoring_alert')
    .values({ id, monitor, endpoint, kind, opened_at_ms: openedAtMs, ...row })
    .onConflict((c) => c.column('id').doUpdateSet(row))
    .execute();
}

const activeKey = (monitor: string, kind: string) => `${monitor}/${kind}`;

async function readMonitors(reader: Reader, name?: string): Promise<Monitor[]> {
  let query = reader.sql<Tables>().selectFrom('monitoring_monitor').selectAll();
  if (name !== undefined) query = query.where('name', '=', name);
  const rows = await query.orderBy('name').execute();
  return rows.map((row) => ({
    name: row.name,
    spec: JSON.parse(row.spec) as Monitor['spec'],
    updatedAtMs: Number(row.updated_at_ms),
  }));
}

const toAlert = (body: string) => JSON.parse(body) as KeptAlert;

/** JSON has no NaN: what was not tested comes back as null and becomes NaN again. */
function toReport(body: string): MonitorReport {
  const report = JSON.parse(body) as MonitorReport;
  return {
    ...report,
    columns: report.columns.map(withNumbers),
    output: report.output && withNumbers(report.output),
    performance: report.performance && {
      ...report.performance,
      expectedAccuracy: report.performance.expectedAccuracy ?? Number.NaN,
      expectedBrier: report.performance.expectedBrier ?? Number.NaN,
    },
  };
}

function withNumbers(check: ColumnCheck): ColumnCheck {
  const number = (value: number | null) => value ?? Number.NaN;
  const { drift } = check;
  return {
    ...check,
    drift: {
      ...drift,
      statistic: number(drift.statistic),
      pValue: number(drift.pValue),
      pValueAdjusted: number(drift.pValueAdjusted),
      effect: number(drift.effect),
    },
  };
}
