import type { AlmanacEvent } from '../../domain/event-registry.ts';
import { derivedId, type Codec } from './codec.ts';
import {
  StreamNotFound,
  WrongExpectedRevision,
  type AppendResult,
  type EventStore,
  type RecordedEvent,
} from './event-store.ts';
import type { KnownState, RememberedStates } from './remembered-states.ts';

/** An aggregate as its domain module declares it. */
export type Aggregate<State, Event extends AlmanacEvent> = {
  readonly initial: State;
  readonly evolve: (state: State, event: Event) => State;
};

export type Command<State, Event extends AlmanacEvent> = {
  readonly stream: string;
  readonly aggregate: Aggregate<State, Event>;
  /** What should happen, given what has happened; an empty list when there is nothing to say. */
  readonly decide: (state: State) => readonly Event[];
  /** Names this intention: the same command executed twice is one append. Ids are UUIDv5(command id, index). */
  readonly commandId: string;
  /** For facts that have an identity of their own (a commit). */
  readonly eventId?: (event: Event, index: number) => string;
  /** How many of the stream's newest events decide; for streams that grow for ever. Default: all. */
  readonly newest?: number;
  /** Where states of such streams are remembered between decisions. Default: each decision reads its stream. */
  readonly remembered?: RememberedStates<State>;
};

export type Decided<Event> = { readonly events: readonly Event[]; readonly appended: AppendResult | null };

const MOST_ATTEMPTS = 4;

/**
 * Reads a stream, decides, appends with the revision read; a conflict reads and decides again, at most 3 times.
 * @throws {WrongExpectedRevision} after the last attempt, and whatever the decision or the store throws
 */
export async function execute<State, Event extends AlmanacEvent>(
  store: EventStore,
  codec: Codec,
  command: Command<State, Event>,
): Promise<Decided<Event>> {
  const { stream, aggregate, newest, remembered } = command;
  for (let attempt = 1; ; attempt += 1) {
    const known = remembered?.get(stream) ?? (await load(store, codec, stream, aggregate, newest));
    remembered?.set(stream, known);
    const events = command.decide(known.state);
    if (events.length === 0) return { events, appended: null };
    const idOf = command.eventId ?? ((_event: Event, index: number) => derivedId(command.commandId, String(index)));
    try {
      const appended = await store.append(
        stream,
        events.map((event, index) => codec.encode(event, idOf(event, index))),
        { expectedRevision: known.revision },
      );
      remembered?.set(stream, { state: events.reduce(aggregate.evolve, known.state), revision: appended.revision });
      return { events, appended };
    } catch (error) {
      remembered?.forget(stream);
      if (!(error instanceof WrongExpectedRevision) || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

/** Reads a stream and folds it. */
export async function load<State, Event extends AlmanacEvent>(
  store: EventStore,
  codec: Codec,
  stream: string,
  { initial, evolve }: Aggregate<State, Event>,
  newest?: number,
): Promise<KnownState<State>> {
  const history = await historyOf(store, stream, newest);
  const state = history.reduce((current, recorded) => {
    const event = codec.decode(recorded);
    return event ? evolve(current, event as unknown as Event) : current;
  }, initial);
  return { state, revision: history.at(-1)?.revision ?? 'no_stream' };
}

async function historyOf(store: EventStore, stream: string, newest?: number): Promise<readonly RecordedEvent[]> {
  try {
    if (newest === undefined) return await store.readStream(stream);
    return (await store.readStream(stream, { direction: 'backwards', limit: newest })).toReversed();
  } catch (error) {
    if (error instanceof StreamNotFound) return [];
    throw error;
  }
}
