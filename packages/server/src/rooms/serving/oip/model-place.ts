import type { Actor } from '@fairlead/kernel';
import { servingErrors } from '../serving-errors.js';
import { mayChooseVersion, parseModelName } from '../serving-rules.js';
import type { LiveModel, ServingService } from '../serving-types.js';
import { PLATFORM } from './oip-words.js';

/** A model and perhaps a version of it, as callers name them. */
export interface ModelPlace {
  readonly model: string;
  readonly version?: string;
}

/**
 * The model that a caller names. A version outside the routing table is for those who may choose.
 *
 * @throws SRV_ENDPOINT_NOT_FOUND, SRV_NOT_ROUTED, SRV_UNAVAILABLE, SRV_VERSION_NOT_FOUND
 */
export function liveOf(serving: Pick<ServingService, 'live'>, actor: Actor, place: ModelPlace): LiveModel {
  const { endpoint, environment } = parseModelName(place.model);
  const version = place.version === undefined ? undefined : Number(place.version);
  if (version === undefined) return serving.live(endpoint, environment);
  const live = Number.isSafeInteger(version) && version > 0 ? serving.live(endpoint, environment, version) : undefined;
  const allowed = live?.versions.includes(version) || mayChooseVersion(environment, actor.roles);
  if (live !== undefined && allowed) return live;
  throw servingErrors.SRV_VERSION_NOT_FOUND(`Version ${place.version?.slice(0, 40)} of ${place.model} is not served.`);
}

/** Metadata of a model in the words of the protocol. */
export function presentModel(name: string, { inputs, outputs, versions }: LiveModel) {
  const tensor = ({ name: tensorName, datatype, shape }: LiveModel['inputs'][number]) => ({
    name: tensorName,
    datatype,
    shape: [...shape],
  });
  return {
    name,
    versions: versions.map(String),
    platform: PLATFORM,
    inputs: inputs.map(tensor),
    outputs: outputs.map(tensor),
  };
}
