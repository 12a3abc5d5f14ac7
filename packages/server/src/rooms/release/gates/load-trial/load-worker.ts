import { serveThread } from '../../../../platform/compute/index.js';
import { generateLoad, type LoadPlan, type LoadSeen } from './generate-load.js';

// Entry of the thread that sends: on the loop of the server its own waiting would be measured as the model's.
serveThread<LoadPlan, LoadSeen>((plan, { stop }) => generateLoad(plan, () => stop.aborted));
