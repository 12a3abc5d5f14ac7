import compilerFactory from '@fastify/fast-json-stringify-compiler';
import type { FastifySerializerCompiler } from 'fastify';

type Serialize = (value: unknown) => string;

/** Fastify's own compiler of response schemas, which it would run for every route at the start, put off to the first answer. */
export function createSerializerCompiler(): FastifySerializerCompiler<unknown> {
  const compile = compilerFactory.SerializerSelector()();
  return (route) => {
    let serialize: Serialize | undefined;
    return (value) => {
      serialize ??= compile(route as Parameters<typeof compile>[0]) as Serialize;
      return serialize(value);
    };
  };
}
