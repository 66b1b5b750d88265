import type { AnyProjection } from '../../projections/projection.ts';
import type { Codec } from '../event-store/codec.ts';
import type { RecordedEvent } from '../event-store/event-store.ts';
import { messageOf } from './faults.ts';
import { Folding } from './folding.ts';
import { Group } from './group.ts';
import type { EventLog } from './log.ts';
import { ModelFile } from './model-file.ts';

/**
 * What is folded of later, too: whoever was erased since has no name in any past, and what has become private since is private in
 * all of it. The past is shown to people of today.
 */
const STILL_HELD = ['MemberErased', 'RepositoryConnected', 'RepositoryDiscovered', 'RepositoryRegistered'];

export type PastFile = { readonly projection: AnyProjection; readonly path: string };

/**
 * Folds what the log held at an instant into new files: the events before the first one recorded later, so that none stands without
 * those it followed from, be the clock as it may.
 * @param instant milliseconds since the epoch
 * @returns the position of the last of those events; null: there was none yet, and there are no files
 * @throws {Error} when a projection cannot be folded
 */
export async function foldUntil(
  instant: number,
  files: readonly PastFile[],
  { log, decode }: { readonly log: Pick<EventLog, 'readAll'>; readonly decode: Codec['decode'] },
): Promise<bigint | null> {
  const foldings = files.map(({ projection, path }) => new Folding(projection, ModelFile.build(path, projection)));
  const group = groupOf(foldings, decode);
  try {
    const last = await foldPast(instant, group, log, typesOf(files));
    if (last === null) return null;
    for await (const page of log.readAll({ from: last, filter: { typePrefixes: STILL_HELD } })) group.fold(page);
    group.flush();
    for (const { file } of foldings) file.finish();
    return last;
  } finally {
    for (const folding of foldings) folding.retire();
  }
}

async function foldPast(instant: number, group: Group, log: Pick<EventLog, 'readAll'>, types: readonly string[]) {
  let last: bigint | null = null;
  for await (const page of log.readAll({ filter: { typePrefixes: types } })) {
    const past = before(instant, page);
    group.fold(past);
    if (group.isDue) group.flush();
    last = past.at(-1)?.position ?? last;
    if (past.length < page.length) break;
  }
  group.flush();
  return last;
}

function before(instant: number, page: readonly RecordedEvent[]): readonly RecordedEvent[] {
  const later = page.findIndex(({ recordedAt }) => recordedAt > instant);
  return later < 0 ? page : page.slice(0, later);
}

/** Nobody would miss the others: they change no row. */
const typesOf = (files: readonly PastFile[]) => [
  ...new Set(files.flatMap(({ projection }) => Object.keys(projection.on))),
];

function groupOf(foldings: readonly Folding[], decode: Codec['decode']): Group {
  const nothing = () => undefined;
  const fail = ({ name }: Folding, error: unknown) => {
    throw new Error(`${name} cannot be folded: ${messageOf(error)}`, { cause: error });
  };
  return new Group(decode, foldings, { failed: fail, poisoned: fail, stopped: nothing, advanced: nothing });
}
