import { beforeEach, describe, expect, test } from 'vitest';
import { commitStream } from '../../domain/commit-history.ts';
import type { AlmanacEvent } from '../../domain/event-registry.ts';
import { memberStream, type MemberDirectory, type MemberEvent } from '../../domain/member.ts';
import { Ledger } from '../../server/collect/ledger.ts';
import { createCodec } from '../../server/event-store/codec.ts';
import { StoreUnavailable, type ReadAllOptions, type RecordedEvent } from '../../server/event-store/event-store.ts';
import { MemberLog } from '../../server/member-log.ts';
import { MemoryEventStore } from '../support/memory-event-store.ts';

const codec = createCodec();
/** More than a page of the store. */
const MANY = 250;

/** Breaks a reading off after its first page, as often as it is told. */
class BreakingStore extends MemoryEventStore {
  breaks = 0;
  override async *readAll(options: ReadAllOptions = {}): AsyncGenerator<readonly RecordedEvent[], void, undefined> {
    for await (const page of super.readAll(options)) {
      yield page;
      if (this.breaks > 0) {
        this.breaks -= 1;
        throw new StoreUnavailable('The connection was lost.');
      }
    }
  }
}

let store: BreakingStore;
beforeEach(() => {
  store = new BreakingStore();
});

const say = (stream: string, ...events: AlmanacEvent[]) =>
  store.append(
    stream,
    events.map((event) => codec.encode(event, crypto.randomUUID())),
    { expectedRevision: 'any' },
  );
const registration = (memberId: string): MemberEvent => ({
  type: 'MemberRegistered',
  data: { memberId, handle: memberId, name: memberId, bot: false },
});
const registered = async (count: number) => {
  for (let index = 0; index < count; index += 1) await say(memberStream(`m${index}`), registration(`m${index}`));
};
/** Registers whoever is not known yet. */
const enter = (memberId: string) => (directory: MemberDirectory) => ({
  memberId,
  events: directory.members.has(memberId) ? [] : [registration(memberId)],
});
const typesOf = async (stream: string) => (await store.readStream(stream)).map(({ type }) => type);

describe('who the log knows', () => {
  test('are all of them after a reading that broke off', async () => {
    await registered(MANY);
    store.breaks = 1;
    const members = new MemberLog({ store, codec });
    await expect(members.refresh()).rejects.toThrow(StoreUnavailable);
    await members.refresh();
    expect(members.directory.members.size).toBe(MANY);
  });

  test('are registered once, though a reading broke off before', async () => {
    await registered(MANY);
    const members = new MemberLog({ store, codec });
    store.breaks = 1;
    await expect(members.decide(enter('m0'))).rejects.toThrow(StoreUnavailable);
    expect(await members.decide(enter('m0'))).toMatchObject({ memberId: 'm0', position: null });
    expect(await typesOf(memberStream('m0'))).toEqual(['MemberRegistered']);
  });

  test('are all of them after a page that could not be opened', async () => {
    await registered(2);
    let fails = true;
    const failing = {
      ...codec,
      decode: (recorded: RecordedEvent) => {
        if (fails && recorded.stream === memberStream('m1')) throw new StoreUnavailable('The vault is away.');
        return codec.decode(recorded);
      },
    };
    const members = new MemberLog({ store, codec: failing });
    await expect(members.refresh()).rejects.toThrow(StoreUnavailable);
    expect(members.directory.members.size).toBe(0);
    fails = false;
    await members.refresh();
    expect(members.directory.members.size).toBe(2);
  });

  test('are found out again when somebody else wrote meanwhile', async () => {
    const members = new MemberLog({ store, codec });
    let asked = 0;
    const decided = await members.decide((directory) => {
      asked += 1;
      // Another server is faster, once.
      if (asked === 1) void say(memberStream('kim'), registration('kim'));
      return enter('kim')(directory);
    });
    expect([asked, decided.position]).toEqual([2, null]);
    expect(await typesOf(memberStream('kim'))).toEqual(['MemberRegistered']);
  });

  test('two who ask at once are told one after the other', async () => {
    const members = new MemberLog({ store, codec });
    await Promise.all([members.decide(enter('kim')), members.decide(enter('kim'))]);
    expect(await typesOf(memberStream('kim'))).toEqual(['MemberRegistered']);
  });

  test('are asked for at the cost of what was added, however many commits there are', async () => {
    const at = '2025-11-05T09:00:00Z';
    await registered(1);
    const commit = { memberId: 'm0', repositoryId: 'garden', authoredAt: at, authorOffset: 0, committedAt: at };
    const ask = { sha: 'a'.repeat(40), message: 'Sow', observedAt: at };
    await say(commitStream('m0', '2025-11'), { type: 'CommitObserved', data: { ...commit, ...ask } });
    const froms: unknown[] = [];
    const noting = Object.assign(Object.create(store) as MemoryEventStore, {
      head: () => store.head(),
      readAll: (options: ReadAllOptions) => (froms.push(options.from), store.readAll(options)),
    });
    const members = new MemberLog({ store: noting, codec });
    await members.refresh();
    await members.refresh();
    // Everything once, and nothing where nothing was added.
    expect(froms).toEqual([undefined]);
    const head = await store.head();
    await say(memberStream('m1'), registration('m1'));
    await members.refresh();
    expect(froms).toEqual([undefined, head]);
    expect(members.directory.members.size).toBe(2);
  });
});

describe('authors of commits', () => {
  test('are enlisted once, though a reading broke off before', async () => {
    const authors = Array.from({ length: MANY }, (_, index) => {
      const [name, email] = [`Author ${index}`, `author-${index}@example.org`];
      return { name, email, rawName: name, rawEmail: email };
    });
    const before = await new Ledger(store, codec).enlist(authors);
    const said = await typesOf(memberStream(before.memberIds[0] ?? ''));
    const ledger = new Ledger(store, codec);
    store.breaks = 1;
    await expect(ledger.enlist(authors)).rejects.toThrow(StoreUnavailable);
    expect(await ledger.enlist(authors)).toEqual(before);
    expect(await typesOf(memberStream(before.memberIds[0] ?? ''))).toEqual(said);
  });
});
