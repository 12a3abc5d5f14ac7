/**
 * Tags by which MLflow's clients say what our rooms keep as fields: the name of a run, its parent, and the note. They are
 * taken out of the tags on the way in and shown among them on the way out, so that there is one truth of each.
 */
const RUN_NAME = 'mlflow.runName';
const PARENT = 'mlflow.parentRunId';
const NOTE = 'mlflow.note.content';

export interface RunTags {
  readonly name?: string;
  readonly parentRunId?: string;
  readonly note?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export type ReservedRunTag = 'name' | 'parent' | 'note';

export function reservedRunTag(key: string): ReservedRunTag | undefined {
  if (key === RUN_NAME) return 'name';
  if (key === PARENT) return 'parent';
  return key === NOTE ? 'note' : undefined;
}

/** The tags of a run, those apart that are fields. */
export function splitRunTags(all: Readonly<Record<string, string>>): RunTags {
  if (all[RUN_NAME] === undefined && all[PARENT] === undefined && all[NOTE] === undefined) return { tags: all };
  const { [RUN_NAME]: name, [PARENT]: parentRunId, [NOTE]: note, ...tags } = all;
  return {
    ...(name !== undefined && { name }),
    ...(parentRunId !== undefined && { parentRunId }),
    ...(note !== undefined && { note }),
    tags,
  };
}

/** The tags of an experiment, its note apart. */
export function splitExperimentTags(all: Readonly<Record<string, string>>): Omit<RunTags, 'name' | 'parentRunId'> {
  const { [NOTE]: note, ...tags } = all;
  return note === undefined ? { tags } : { note, tags };
}

export const isNoteTag = (key: string): boolean => key === NOTE;

interface Tag {
  readonly key: string;
  readonly value: string;
}

/** All tags of a run as its clients expect them. */
export function joinRunTags(run: {
  readonly name: string;
  readonly parentRunId: string | null;
  readonly note: string;
  readonly tags: Readonly<Record<string, string>>;
}): Tag[] {
  const list = joinNote(run);
  list.push({ key: RUN_NAME, value: run.name });
  if (run.parentRunId !== null) list.push({ key: PARENT, value: run.parentRunId });
  return list;
}

/** Tags with the note among them. */
export function joinNote({
  note,
  tags,
}: {
  readonly note: string;
  readonly tags: Readonly<Record<string, string>>;
}): Tag[] {
  const list = Object.keys(tags).map((key) => ({ key, value: tags[key] as string }));
  if (note !== '') list.push({ key: NOTE, value: note });
  return list;
}
