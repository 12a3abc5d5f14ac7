import { join } from 'node:path';
import { writeMlflowNotice } from '../faces/mlflow/index.js';
import { openBroker } from '../platform/brokers/index.js';
import type { RoomMigrations } from '../platform/db/index.js';
import { createSecretBox } from '../platform/identity/index.js';
import { openTreeMemory } from '../platform/telemetry/index.js';
import {
  type AutomationService,
  automationMigrations,
  createAutomation,
  type SubscriptionService,
} from '../rooms/automation/index.js';
import { createData, type DataService, dataMigrations, handleIngestJobs } from '../rooms/data/index.js';
import { createEvaluateStep, createEvaluation, type EvaluationService } from '../rooms/evaluation/index.js';
import {
  createGovernance,
  createLineageService,
  createOpenLineage,
  type GovernanceService,
  governanceMigrations,
  type LineageService,
  type OpenLineageService,
} from '../rooms/governance/index.js';
import { createMonitoring, type MonitoringService, monitoringMigrations } from '../rooms/monitoring/index.js';
import { createPipelines, type PipelinesService, pipelinesMigrations } from '../rooms/pipelines/index.js';
import {
  createConvertStep,
  createPackageStep,
  createRegisterStep,
  createRegistry,
  type ModelCatalogue,
  type ModelImports,
  type RegistryService,
  registryMigrations,
} from '../rooms/registry/index.js';
import {
  createRelease,
  createRequestReleaseStep,
  type ReleaseService,
  releaseMigrations,
} from '../rooms/release/index.js';
import {
  type BatchService,
  createBatches,
  createServing,
  createStreams,
  type Followers,
  type ServingLeader,
  type ServingService,
  type StreamService,
  servingMigrations,
  servingStreamMigrations,
} from '../rooms/serving/index.js';
import {
  createLineageConsumer,
  createPurge,
  createTracking,
  type PurgeService,
  type TrackingService,
  trackingMigrations,
} from '../rooms/tracking/index.js';
import {
  createIngestStep,
  createModelScorer,
  createReproduction,
  createSplitStep,
  createTraining,
  createTrainStep,
  createTuneStep,
  type ReproductionService,
  type TrainingService,
} from '../rooms/training/index.js';
import { materialise } from './materialise.js';
import type { Platform } from './open-platform.js';
import { createProjectService, type ProjectService } from './project/project-service.js';
import { usesOfModel } from './uses-of-model.js';
import { fairleadVersion } from './version.js';

export type { Reproduction } from '../rooms/training/index.js';

export interface Rooms {
  readonly data: DataService;
  readonly tracking: TrackingService;
  readonly purge: PurgeService;
  readonly pipelines: PipelinesService;
  readonly training: TrainingService;
  readonly reproduction: ReproductionService;
  readonly evaluation: EvaluationService;
  readonly registry: RegistryService;
  readonly catalogue: ModelCatalogue & ModelImports;
  readonly serving: ServingService & ServingLeader;
  readonly batches: BatchService;
  readonly streams: StreamService;
  readonly monitoring: MonitoringService;
  readonly release: ReleaseService;
  readonly governance: GovernanceService;
  readonly lineage: LineageService;
  readonly openLineage: OpenLineageService;
  readonly automation: AutomationService;
  readonly subscriptions: SubscriptionService;
  readonly projects: ProjectService;
}

/** In the order of the rooms. */
export const roomMigrations: readonly RoomMigrations[] = [
  dataMigrations,
  trackingMigrations,
  pipelinesMigrations,
  registryMigrations,
  servingMigrations,
  servingStreamMigrations,
  monitoringMigrations,
  releaseMigrations,
  governanceMigrations,
  automationMigrations,
];

/** Every room on the given drivers, each by its own factory. `address` is known only once the server listens. */
export function createRooms(platform: Platform, options: { address: () => string; followers?: Followers }): Rooms {
  const {
    config,
    logger,
    clock,
    metrics,
    db,
    objects,
    lake,
    host,
    scoringHost,
    jobs,
    schedules,
    dispatcher,
    identity,
    roots,
  } = platform;
  const onError = (error: unknown, message: string) => logger.error({ err: error }, message);

  const data = createData({
    db,
    lake,
    objects,
    clock,
    dataRoots: () => roots,
    allowPrivateUrls: config.webhookAllowPrivate,
  });
  handleIngestJobs({ data, jobs });
  const tracking = createTracking({
    db,
    objects,
    clock,
    version: fairleadVersion,
    artifactRoots: config.artifactRoots,
  });
  const scorer = createModelScorer({ inference: scoringHost, objects });
  const training = createTraining({ db, objects, clock, tracking, scorer, version: fairleadVersion });
  const evaluation = createEvaluation({ db, objects, lake, clock, data, tracking, scorer });
  const { service: registry, catalogue } = createRegistry({
    db,
    objects,
    clock,
    jobs,
    tracking,
    evaluation,
    files: tracking.files,
    owners: { run: tracking.run, loggedModel: (id) => tracking.loggedModels.loggedModel(id) },
    // Serving stands to the right of registry: through this port it says what it uses.
    usesOf: (model) => usesOfModel(serving, model),
    sourceRoots: config.modelSourceRoots,
    fairleadVersion,
  });
  const purge = createPurge({
    db,
    objects,
    clock,
    jobs,
    schedules: schedules,
    // Of the rooms to the right only the registry needs a run to stay: a model version's origin must remain traceable.
    usesOf: catalogue.versionsOfOwners,
  });
  const serving: ServingService & ServingLeader = createServing({
    db,
    objects,
    lake,
    host,
    tracking,
    clock,
    metrics,
    home: config.home,
    backendRules: { programs: config.modelPrograms, servers: config.modelServers },
    ...(options.followers && { followers: options.followers }),
    captureSample: config.captureSample,
    capture: {
      mode: config.captureMode,
      timeoutMs: config.captureTimeoutMs,
      compactAfterMs: config.captureCompactMs,
      maxWaitingBytes: config.captureWaitingBytes,
    },
    // Release stands to the right of serving: serving asks it through this port whether a digest is approved.
    authority: {
      mayServe: (subject) => release.mayServe(subject),
      needsApproval: (environment) => release.needsApproval(environment),
    },
    onError,
    onCaptured: (...rows) => monitoring.noticeRows(...rows),
  });
  const streams = createStreams({
    db,
    serving,
    metrics,
    brokers: config.streamBrokers,
    open: openBroker,
    nowMs: () => clock.nowMs(),
    onError,
  });
  const batches = createBatches({
    db,
    jobs,
    objects,
    registry,
    tracking,
    roots,
    home: config.home,
    backendRules: { programs: config.modelPrograms, servers: config.modelServers },
    authority: { mayServe: (subject) => release.mayServe(subject) },
  });
  const monitoring: MonitoringService = createMonitoring({
    onError,
    db,
    clock,
    jobs,
    metrics,
    data,
    evaluation,
    registry,
    serving,
  });
  const release: ReleaseService = createRelease({
    db,
    clock,
    jobs,
    objects,
    data,
    tracking,
    evaluation,
    registry,
    serving,
    monitoring,
    preciseNowMs: () => performance.now(),
    openMemory: () => openTreeMemory(),
    // Made below, as pipelines ask for releases.
    reproduce: (context, request) => reproduction.start(context, request),
    rollbackWindowMs: config.rollbackWindowMs,
    address: options.address,
    lendToken: () =>
      identity.lendToken({ kind: 'service', id: 'gates', roles: ['data-scientist'], authenticated: true }),
    gateCommands: config.gateCommands,
  });
  const { pipelines, consumers } = createPipelines({
    db,
    queue: jobs,
    schedules,
    objects,
    tracking,
    clock,
    version: fairleadVersion,
    workFolder: join(config.home, 'work'),
    trackingUri: options.address,
    concurrency: config.jobConcurrency,
    lendToken: (pipeline) =>
      identity.lendToken({
        kind: 'service',
        id: `pipeline:${pipeline}`,
        roles: ['data-scientist'],
        authenticated: true,
      }),
    materialise: (ref) => materialise({ data, objects }, ref),
    handlers: [
      createIngestStep(data),
      createSplitStep(data),
      createTuneStep({ training, data, tracking, objects }),
      createTrainStep({ training, data, tracking, objects }),
      createEvaluateStep({ evaluation, objects }),
      createRegisterStep({ registry, evaluation, data, tracking, objects }),
      createPackageStep({ registry, tracking, objects }),
      createConvertStep({ catalogue, tracking, objects }),
      createRequestReleaseStep(release),
    ],
  });
  const reproduction: ReproductionService = createReproduction({
    db,
    jobs,
    objects,
    tracking,
    pipelines,
    data,
    scorer,
  });
  const governance = createGovernance({
    db,
    objects,
    data,
    tracking,
    evaluation,
    registry,
    serving,
    monitoring,
    release,
  });
  const openLineage = createOpenLineage({
    db,
    clock,
    jobs,
    config,
    version: fairleadVersion,
    data,
    tracking,
    pipelines,
    registry,
    serving,
  });
  const lineage = createLineageService({
    data,
    tracking,
    evaluation,
    catalogue,
    serving,
    release,
    openLineage: openLineage.service,
  });
  const automation = createAutomation({
    db,
    clock,
    jobs,
    config,
    pipelines,
    release,
    address: options.address,
    env: process.env,
    box: createSecretBox(config.home, 'webhooks'),
    writeNotice: writeMlflowNotice,
  });
  const telling = openLineage.consumer === null ? [] : [openLineage.consumer];
  for (const consumer of [createLineageConsumer(tracking), ...consumers, ...automation.consumers, ...telling]) {
    dispatcher.add(consumer);
  }
  const rooms = {
    data,
    tracking,
    purge,
    pipelines,
    training,
    reproduction,
    evaluation,
    registry,
    catalogue,
    serving,
    batches,
    streams,
    monitoring,
    release,
    governance,
    lineage,
    openLineage: openLineage.service,
    automation: automation.service,
    subscriptions: automation.subscriptions,
  };
  return { ...rooms, projects: createProjectService(rooms, { roots }) };
}
