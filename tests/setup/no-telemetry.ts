// Tests open models in this process, too; see platform/inference/refuse-telemetry.ts.
process.env.ORT_DISABLE_TELEMETRY = '1';
