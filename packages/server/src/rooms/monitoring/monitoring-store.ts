import type { Reader, Tx } from '../../platform/db/index.js';
import type { KeptAlert } from './alerts/alert-rules.js';
import type { AlertKind, AlertState, Monitor, MonitorReport } from './monitoring-types.js';
import type { StoredReward } from './rewards/reward-rules.js';
import type { StoredTruth, TruthChange } from './truth/truth-rules.js';

export interface MonitoringStore {
  monitor(reader: Reader, name: string): Promise<Monitor | undefined>;
  /** By name. */
  monitors(reader: Reader): Promise<Monitor[]>;
  saveMonitor(tx: Tx & Reader, monitor: Monitor): Promise<void>;
  /** Counts a check and holds the monitor's row until the transaction ends: one check at a time decides on alerts. */
  beginCheck(tx: Tx & Reader, monitor: string): Promise<void>;

  insertReport(tx: Tx & Reader, report: MonitorReport): Promise<void>;
  report(reader: Reader, id: string): Promise<MonitorReport | undefined>;
  /** Newest first. */
  reports(reader: Reader, monitor: string, limit: number): Promise<MonitorReport[]>;

  /** Not resolved yet; at most one per monitor and kind. */
  activeAlert(reader: Reader, monitor: string, kind: AlertKind): Promise<KeptAlert | undefined>;
  saveAlert(tx: Tx & Reader, alert: KeptAlert): Promise<void>;
  alert(reader: Reader, id: string): Promise<KeptAlert | undefined>;
  /** Newest first. */
  alerts(reader: Reader, filter: { state?: AlertState; endpoint?: string; limit: number }): Promise<KeptAlert[]>;
  /** Not resolved alerts by monitor; monitors without any are left out. */
  countActive(reader: Reader): Promise<{ monitor: string; alerts: number }[]>;

  truths(reader: Reader, endpoint: string, ids: readonly string[]): Promise<Map<string, StoredTruth>>;
  saveTruth(tx: Tx & Reader, endpoint: string, change: TruthChange): Promise<void>;
  rewards(reader: Reader, endpoint: string, ids: readonly string[]): Promise<Map<string, StoredReward>>;
  /** New ones and those that replace what stood. */
  saveRewards(tx: Tx & Reader, endpoint: string, rewards: readonly StoredReward[]): Promise<void>;
  /** What the truth of one prediction was before, oldest first. */
  truthHistory(reader: Reader, endpoint: string, id: string): Promise<StoredTruth[]>;
}
