import { closeSync, fsyncSync, openSync } from 'node:fs';
import type { AnyProjection } from '../../projections/projection.ts';
import type { Codec } from '../event-store/codec.ts';
import { messageOf } from './faults.ts';
import { Folding, reaches } from './folding.ts';
import { Group } from './group.ts';
import type { EventLog } from './log.ts';
import { ModelFile } from './model-file.ts';

/** `total` is an estimate: how far the position is gone tells how many events are left. */
export type Progress = { readonly done: number; readonly total: number; readonly ratePerSecond: number };

export type Target = {
  readonly projection: AnyProjection;
  /** The file to be built. */
  readonly path: string;
  /** The last event to fold in; without it the last one there is. */
  readonly through?: bigint | null;
};

export type BuildOptions = {
  readonly log: EventLog;
  readonly decode: Codec['decode'];
  readonly onProgress: (progress: Progress) => void;
};

/** What became of one target. */
export type Built = { readonly name: string; readonly events: number; readonly error: string | null };

/** Reading again what came meanwhile ends after this many times; whoever takes the file over folds the rest. */
const MOST_ROUNDS = 5;

/**
 * Folds the whole log into new files, in one pass. Nobody can read them before they are complete: no journal, one transaction,
 * indexes at the end. A projection whose handler throws is given up, the others are built.
 */
export async function build(targets: readonly Target[], options: BuildOptions): Promise<Built[]> {
  const foldings = targets.map(({ projection, path, through }) => {
    const folding = new Folding(projection, ModelFile.build(path, projection));
    if (through !== undefined) folding.limit = { position: (through ?? -1n) + 1n, error: null };
    return folding;
  });
  try {
    const errors = await foldAll(foldings, options);
    return foldings.map((folding) => {
      const error = errors.get(folding) ?? null;
      if (error === null) complete(folding);
      return { name: folding.name, events: folding.events, error };
    });
  } finally {
    for (const folding of foldings) folding.retire();
  }
}

async function foldAll(foldings: readonly Folding[], options: BuildOptions): Promise<Map<Folding, string>> {
  const errors = new Map<Folding, string>();
  const fail = (folding: Folding, error: unknown) => void errors.set(folding, messageOf(error));
  const nothing = () => undefined;
  const group = new Group(options.decode, foldings, {
    failed: fail,
    poisoned: fail,
    stopped: nothing,
    advanced: nothing,
  });
  const report = await progressOf(options);
  for (let round = 0, before = -1; round < MOST_ROUNDS && group.members.length > 0; round += 1) {
    const from = group.lowest;
    for await (const events of options.log.readAll(from === null ? {} : { from })) {
      group.fold(events);
      if (group.isDue) group.flush();
      report(foldings);
    }
    group.flush();
    const done = mostEvents(foldings);
    if (done === before) break;
    before = done;
  }
  return errors;
}

const mostEvents = (foldings: readonly Folding[]) => Math.max(...foldings.map(({ events }) => events));

function complete({ file }: Folding): void {
  file.finish();
  file.close();
  // A file that takes the place of a good one must survive a power cut.
  const descriptor = openSync(file.path, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

const REPORT_EVERY_MS = 200;

async function progressOf({ log, onProgress }: BuildOptions): Promise<(foldings: readonly Folding[]) => void> {
  const head = Number((await log.head()) ?? 0n);
  const began = performance.now();
  let reported = 0;
  return (foldings) => {
    const now = performance.now();
    if (now - reported < REPORT_EVERY_MS) return;
    reported = now;
    const done = mostEvents(foldings);
    const position = Number(
      foldings.reduce<bigint | null>(
        (highest, one) => (reaches(highest, one.position) ? highest : one.position),
        null,
      ) ?? 0n,
    );
    const total = position > 0 ? Math.max(done, Math.round((done * head) / position)) : done;
    onProgress({ done, total, ratePerSecond: Math.round((done * 1000) / (now - began)) });
  };
}
