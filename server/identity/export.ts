import { access, accessStream, noteExport } from '../../domain/access.ts';
import type { Recorded } from '../../domain/event-registry.ts';
import { derivedId, type Codec } from '../event-store/codec.ts';
import { execute } from '../event-store/command-handler.ts';
import type { EventStore } from '../event-store/event-store.ts';

/** What proves a secret is no use to anybody but those who would try to guess it. */
const LEFT_OUT = new Set(['refreshHash', 'hash']);

type Given = { readonly store: EventStore; readonly codec: Codec; readonly now: () => number };
export type Exported = {
  readonly memberId: string;
  /** Everybody who turned out to be this member: what was said of them is theirs. */
  readonly memberIds: ReadonlySet<string>;
  readonly by: string;
};

/**
 * Everything the log holds of a person, opened: every event that is about them, in the order of the log. That it was made is said
 * before the first piece of it is handed out.
 * @returns pieces of one JSON text `{ "memberId", "exportedAt", "events": [{ "type", "recordedAt", "data" }] }`, so that no export has
 *   to fit in memory; they end with StoreUnavailable in the middle where the log does, and are no JSON then
 * @throws {AccessRefused} when they were erased @throws {StoreUnavailable}
 */
export async function beginExport(given: Given, asked: Exported): Promise<AsyncGenerator<string>> {
  const { store, codec, now } = given;
  const { memberId, by } = asked;
  const at = new Date(now()).toISOString();
  await execute(store, codec, {
    stream: accessStream(memberId),
    aggregate: access,
    decide: (state) => noteExport({ memberId, by, at }, state),
    commandId: derivedId('export', memberId, at),
  });
  return piecesOf(given, asked, at);
}

async function* piecesOf(
  { store, codec }: Given,
  { memberId, memberIds }: Exported,
  at: string,
): AsyncGenerator<string> {
  yield `{\n"memberId": ${JSON.stringify(memberId)},\n"exportedAt": ${JSON.stringify(at)},\n"events": [`;
  let first = true;
  for await (const page of store.readAll()) {
    // What of a page is theirs is told before anything is opened: the ids are in clear.
    const theirs = page.filter(({ data }) => typeof data['memberId'] === 'string' && memberIds.has(data['memberId']));
    const lines = theirs.flatMap((recorded) => {
      const event = codec.decode(recorded);
      return event ? [lineOf(event)] : [];
    });
    if (lines.length === 0) continue;
    yield `${first ? '' : ','}\n${lines.join(',\n')}`;
    first = false;
  }
  yield '\n]\n}\n';
}

function lineOf({ type, recordedAt, data }: Recorded): string {
  const told = Object.fromEntries(Object.entries(data).filter(([field]) => !LEFT_OUT.has(field)));
  return JSON.stringify({ type, recordedAt: new Date(recordedAt).toISOString(), data: told });
}
