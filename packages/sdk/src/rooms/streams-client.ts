import type { DeclareStreamSchema, StreamView, Wire } from '@fairlead/contracts';
import type { List, Transport } from '../call-types.js';

export type StreamDeclaration = Wire<typeof DeclareStreamSchema>;

/** Messages of brokers that endpoints answer. */
export function streamsClient({ json }: Transport) {
  return {
    list: () => json<List<StreamView>>('listStreams'),
    get: (name: string) => json<StreamView>('getStream', { params: { name } }),
    declare: (name: string, stream: StreamDeclaration) =>
      json<{ stream: StreamView; changed: boolean }>('declareStream', { params: { name }, body: stream }),
    /** When what has arrived is answered. */
    remove: (name: string) => json<void>('removeStream', { params: { name } }),
  };
}
