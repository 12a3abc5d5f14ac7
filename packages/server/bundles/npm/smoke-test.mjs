// @ts-check
import { load } from './index.mjs';
import { smoke } from './smoke.mjs';

const { predict } = await load();
await smoke(predict);
