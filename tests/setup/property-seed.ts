import fc from 'fast-check';

// One seed for every run, so that CI never fails on an input nobody has seen. To look for new ones:
// `FAIRLEAD_PROPERTY_SEED=7 FAIRLEAD_PROPERTY_RUNS=5000 npx vitest run rules`; what it finds becomes an example.
fc.configureGlobal({
  seed: Number(process.env.FAIRLEAD_PROPERTY_SEED ?? 1),
  numRuns: Number(process.env.FAIRLEAD_PROPERTY_RUNS ?? 200),
});
