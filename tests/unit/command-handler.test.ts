import { describe, expect, test } from 'vitest';
import { attendance, correctDay, markDays, type Attendance, type AttendanceEvent } from '../../domain/attendance.ts';
import { createCodec, InvalidEvent } from '../../server/event-store/codec.ts';
import { execute, load, type Command } from '../../server/event-store/command-handler.ts';
import { StoreUnavailable, WrongExpectedRevision, type EventStore } from '../../server/event-store/event-store.ts';
import { RememberedStates } from '../../server/event-store/remembered-states.ts';
import { MemoryEventStore } from '../support/memory-event-store.ts';
import { storeWith } from '../support/subscriber-rig.ts';

const codec = createCodec();
const place = { challengeId: 'c', memberId: 'ada' };
const stream = 'attendance-c-ada';
type Marking = Command<Attendance, AttendanceEvent>;
const mark = (days: string[], change: Partial<Marking> = {}): Marking => ({
  stream,
  aggregate: attendance,
  decide: (state) =>
    markDays(
      days.map((day) => ({ day, evidence: 'abc' })),
      place,
      state,
    ),
  commandId: `mark ${days.join()}`,
  ...change,
});
const correct = (day: string): Marking => ({
  ...mark([]),
  decide: (state) => correctDay({ day, verdict: 'absent', reason: 'seen', by: 'organiser' }, place, state),
  commandId: `correct ${day}`,
});
const daysIn = async (store: EventStore) => (await store.readStream(stream)).map(({ data }) => data['day']);

/** Somebody else is faster, this many times. */
const crowded = (store: MemoryEventStore, times: number): EventStore =>
  storeWith(store, {
    async append(...given) {
      if ((times -= 1) >= 0) await execute(store, codec, mark([`2025-01-0${times + 1}`]));
      return store.append(...given);
    },
  });

describe('executing a command', () => {
  test('appends what is decided, after what there is', async () => {
    const store = new MemoryEventStore();
    await execute(store, codec, mark(['2025-03-10']));
    const { events, appended } = await execute(store, codec, mark(['2025-03-10', '2025-03-11']));
    expect(events).toMatchObject([{ data: { day: '2025-03-11' } }]);
    expect(appended).toMatchObject({ revision: 1n });
    expect(await daysIn(store)).toEqual(['2025-03-10', '2025-03-11']);
  });

  test('says nothing when nothing is decided', async () => {
    const store = new MemoryEventStore();
    await execute(store, codec, mark(['2025-03-10']));
    expect(await execute(store, codec, mark(['2025-03-10']))).toEqual({ events: [], appended: null });
  });

  test('decides anew when somebody else was faster, at most three times', async () => {
    const three = new MemoryEventStore();
    await execute(crowded(three, 3), codec, mark(['2025-03-10']));
    expect(await daysIn(three)).toEqual(['2025-01-03', '2025-01-02', '2025-01-01', '2025-03-10']);
    const four = new MemoryEventStore();
    await expect(execute(crowded(four, 4), codec, mark(['2025-03-10']))).rejects.toThrow(WrongExpectedRevision);
    expect(await daysIn(four)).not.toContain('2025-03-10');
  });

  test('is one append, though the answer to the first was lost', async () => {
    const store = new MemoryEventStore();
    const blind = mark(['2025-03-10'], {
      decide: () => markDays([{ day: '2025-03-10', evidence: 'abc' }], place, attendance.initial),
    });
    await execute(store, codec, blind);
    await expect(execute(store, codec, blind)).rejects.toThrow(WrongExpectedRevision);
    expect(await daysIn(store)).toEqual(['2025-03-10']);
  });

  test('gives events the identity of what they say, where they have one', async () => {
    const store = new MemoryEventStore();
    const id = '018f0000-0000-7000-8000-000000000001';
    await execute(store, codec, mark(['2025-03-10'], { eventId: () => id }));
    expect((await store.readStream(stream))[0]?.id).toBe(id);
  });

  test('hands on what decision, codec and store throw, and appends nothing', async () => {
    const store = new MemoryEventStore();
    const refusing = () => {
      throw new RangeError('no');
    };
    await expect(execute(store, codec, mark([], { decide: refusing }))).rejects.toThrow(RangeError);
    await expect(execute(store, codec, mark(['2025-02-29']))).rejects.toThrow(InvalidEvent);
    await store.close();
    await expect(execute(store, codec, mark(['2025-03-10']))).rejects.toThrow(StoreUnavailable);
  });

  test('can be prepared by reading alone', async () => {
    const store = new MemoryEventStore();
    expect(await load(store, codec, stream, attendance)).toEqual({ state: attendance.initial, revision: 'no_stream' });
    await execute(store, codec, mark(['2025-03-10', '2025-03-11']));
    const { state, revision } = await load(store, codec, stream, attendance);
    expect([...state.verdicts.keys()]).toEqual(['2025-03-10', '2025-03-11']);
    expect(revision).toBe(1n);
  });
});

describe('remembering states', () => {
  const counting = (store: MemoryEventStore) => {
    const counts = { reads: 0 };
    const counted = storeWith(store, {
      readStream: (...given) => {
        counts.reads += 1;
        return store.readStream(...given);
      },
    });
    return { store: counted, counts };
  };

  test('a stream is read once, whatever is decided on it', async () => {
    const { store, counts } = counting(new MemoryEventStore());
    const remembered = new RememberedStates<Attendance>(10);
    for (const days of [['2025-03-10'], ['2025-03-10', '2025-03-11'], ['2025-03-11'], ['2025-03-12']])
      await execute(store, codec, mark(days, { remembered }));
    expect(counts.reads).toBe(1);
    expect(await daysIn(store)).toEqual(['2025-03-10', '2025-03-11', '2025-03-12']);
  });

  test('what somebody else has said is found out and honoured', async () => {
    const { store, counts } = counting(new MemoryEventStore());
    const remembered = new RememberedStates<Attendance>(10);
    await execute(store, codec, mark(['2025-03-10'], { remembered }));
    await execute(store, codec, correct('2025-03-11'));
    counts.reads = 0;
    expect(await execute(store, codec, mark(['2025-03-11'], { remembered }))).toMatchObject({ events: [] });
    expect(counts.reads).toBe(1);
    await execute(store, codec, mark(['2025-03-12'], { remembered }));
    expect(counts.reads).toBe(1);
  });

  test('an append whose answer was lost is not taken for done', async () => {
    const store = new MemoryEventStore();
    let losing = true;
    const lossy = storeWith(store, {
      async append(...given) {
        const result = await store.append(...given);
        if (losing) throw new StoreUnavailable('The answer was lost.');
        return result;
      },
    });
    const remembered = new RememberedStates<Attendance>(10);
    await expect(execute(lossy, codec, mark(['2025-03-10'], { remembered }))).rejects.toThrow(StoreUnavailable);
    losing = false;
    await execute(lossy, codec, mark(['2025-03-10', '2025-03-11'], { remembered }));
    expect(await daysIn(store)).toEqual(['2025-03-10', '2025-03-11']);
  });

  test('only so many streams are, those used last', () => {
    const remembered = new RememberedStates<number>(2);
    const of = (state: number) => ({ state, revision: 0n });
    remembered.set('a', of(1));
    remembered.set('b', of(2));
    remembered.set('a', of(3));
    remembered.set('c', of(4));
    expect(['a', 'b', 'c'].map((name) => remembered.get(name)?.state)).toEqual([3, undefined, 4]);
    remembered.forget('a');
    expect(remembered.get('a')).toBeUndefined();
  });
});
