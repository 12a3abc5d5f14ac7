import type { Json } from './pipelines-types.js';

/** What `${params.name}`, `${trigger.ref}` and `${trigger.kind}` stand for. */
export interface TemplateScope {
  readonly params: Readonly<Record<string, Json>>;
  readonly trigger: { readonly kind: string; readonly ref: string | null };
}

const REFERENCE = /\$\{(params|trigger)\.([^{}]+)\}/g;
const WHOLE = /^\$\{(params|trigger)\.([^{}]+)\}$/;

/**
 * Replaces references in every text of a value. A text that is nothing but one reference takes the value with its type;
 * inside a longer text a value that is no text appears as JSON. Other `${…}` stay as they are: they belong to the command.
 */
export function resolveTemplates<T extends Json>(value: T, scope: TemplateScope): Json {
  if (typeof value === 'string') return resolveText(value, scope);
  if (Array.isArray(value)) return value.map((item: Json) => resolveTemplates(item, scope));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolveTemplates(item as Json, scope)]));
}

/** A text with its references replaced, as text. */
export function resolveToText(text: string, scope: TemplateScope): string {
  return asText(resolveText(text, scope));
}

/** References in a value to parameters or facts that do not exist, for example `${params.dpeth}`. */
export function unknownReferences(value: Json, scope: TemplateScope): string[] {
  if (typeof value === 'string') {
    return [...value.matchAll(REFERENCE)]
      .filter(([, group = '', name = '']) => lookUp(scope, group, name) === undefined)
      .map(([text]) => text);
  }
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap((item) => unknownReferences(item as Json, scope));
}

function resolveText(text: string, scope: TemplateScope): Json {
  const whole = WHOLE.exec(text);
  if (whole !== null) return lookUp(scope, whole[1] ?? '', whole[2] ?? '') ?? null;
  return text.replace(REFERENCE, (_, group: string, name: string) => asText(lookUp(scope, group, name) ?? null));
}

function lookUp(scope: TemplateScope, group: string, name: string): Json | undefined {
  if (group === 'params') return Object.hasOwn(scope.params, name) ? scope.params[name] : undefined;
  return name === 'kind' || name === 'ref' ? scope.trigger[name] : undefined;
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
