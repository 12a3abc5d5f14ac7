/** How one field of a noun may be named, compared and ordered by in a filter. */
export interface FieldRule<Field extends string> {
  readonly field: Field;
  readonly takes: 'text' | 'number';
  /** Whether IN and NOT IN are for it. */
  readonly lists?: boolean;
  /** Whether IS NULL and IS NOT NULL are for it. */
  readonly nullable?: boolean;
  /** Whether it is there in filters and in orders, in only one of them, or in none. */
  readonly only?: 'filter' | 'order';
  /** The stored form of a text that the protocol writes in another way. Patterns go through it as well. */
  readonly store?: (text: string) => string;
  /** All its values, stored by protocol word: every comparison is worked out over the words. */
  readonly words?: Readonly<Record<string, string>>;
}

/** A group of keys that people choose: metrics, parameters, tags. */
export interface KeyedRule<Field extends string> extends FieldRule<Field> {
  readonly keyed: true;
  /** Keys that are fields of their own in the rooms, or that cannot be searched. */
  readonly reserved?: Readonly<Record<string, FieldRule<Field> | 'unsearchable'>>;
  /** Comparisons that also hold where the key is absent. */
  readonly orMissing?: (key: string, comparison: string, value: unknown) => boolean;
}

/** Everything a filter over one noun may name. */
export interface Vocabulary<Field extends string> {
  /** Names without a group, and behind the groups called attributes. */
  readonly attributes: Readonly<Record<string, FieldRule<Field>>>;
  /** Words before the first dot. */
  readonly groups: Readonly<Record<string, KeyedRule<Field> | Readonly<Record<string, FieldRule<Field>>>>>;
}

/** What a name stands for, or why it stands for nothing. */
export type Resolved<Field extends string> =
  | { readonly rule: FieldRule<Field>; readonly key?: string; readonly keyed?: KeyedRule<Field> }
  | { readonly problem: string };

export function resolveName<Field extends string>(
  { attributes, groups }: Vocabulary<Field>,
  name: { readonly group?: string; readonly key: string },
  use: 'filter' | 'order',
): Resolved<Field> {
  const { group, key } = name;
  if (group === undefined) return resolveAttribute(attributes, key, use, 'attribute');
  const members = Object.hasOwn(groups, group) ? groups[group] : undefined;
  if (members === undefined) {
    return { problem: `Invalid entity type '${shorten(group)}'. Valid values are ${Object.keys(groups).join(', ')}` };
  }
  if (!isKeyed(members)) return resolveAttribute(members, key, use, group);
  if (members.only !== undefined && members.only !== use) return { problem: `Invalid order_by entity: ${group}` };
  const reserved =
    members.reserved !== undefined && Object.hasOwn(members.reserved, key) ? members.reserved[key] : undefined;
  if (reserved === 'unsearchable') return { problem: `'${key}' is kept as a text of its own and cannot be searched` };
  if (reserved !== undefined) return { rule: reserved };
  if (key === '') return { problem: `${group} needs a key after the dot` };
  return { rule: members, key, keyed: members };
}

function resolveAttribute<Field extends string>(
  rules: Readonly<Record<string, FieldRule<Field>>>,
  key: string,
  use: 'filter' | 'order',
  what: string,
): Resolved<Field> {
  const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
  if (rule !== undefined && (rule.only === undefined || rule.only === use)) return { rule };
  const valid = Object.keys(rules).filter((name) => [undefined, use].includes(rules[name]?.only));
  return { problem: `Invalid ${what} key '${shorten(key)}' specified. Valid keys are ${valid.join(', ')}` };
}

function isKeyed<Field extends string>(
  group: KeyedRule<Field> | Readonly<Record<string, FieldRule<Field>>>,
): group is KeyedRule<Field> {
  return group.keyed === true;
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
