import { randomUUID } from 'node:crypto';
import type { Day } from '../../domain/calendar.ts';
import {
  approveMotivation,
  arrangement,
  arrangementStream,
  arrangeMotivation,
  discardMotivation,
  editMotivation,
  motivations,
  motivationStream,
  type Arrangement,
  type Place,
} from '../../domain/motivation.ts';
import { openInbox, inbox, readingStream } from '../../domain/inbox.ts';
import { arrangeNotifications, preferences, preferencesStream, type Preferences } from '../../domain/preferences.ts';
import type { ProjectionName } from '../../projections/all.ts';
import { approvedDrafts } from '../../projections/messages-queries.ts';
import type { ReadModel } from '../../projections/projection.ts';
import type { Codec } from '../event-store/codec.ts';
import type { EventStore, Position } from '../event-store/event-store.ts';
import { Deciding } from '../event-store/deciding.ts';
import type { Log } from '../log.ts';
import { openModel } from '../motivate/open-model.ts';
import { motivate, type MotivateParts } from '../motivate/motivate.ts';
import { sendMotivation } from '../motivate/send.ts';
import type { Vault } from '../vault/vault.ts';
import { makeAnnouncement, resumeAnnouncements } from './announce.ts';
import { openChannels, type Channels } from './channels.ts';
import { remind } from './remind.ts';
import { Sending, type Sent } from './sending.ts';
import type { MessageSettings } from './settings.ts';
import { messageTitle, TEST_TEXT } from './texts.ts';

type Given = {
  readonly settings: MessageSettings;
  readonly publicUrl: string | null;
  /** Nobody else writes to this log. */
  readonly alone: boolean;
  readonly store: EventStore;
  readonly codec: Codec;
  readonly vault: Pick<Vault, 'secret' | 'putSecret'>;
  readonly model: (name: ProjectionName) => ReadModel;
  /** Resolves when what was written before can be read. @throws {ReadModelsBehind} */
  readonly settled: () => Promise<void>;
  /** Resolves when the read model of messages shows what was written at a position. @throws {ReadModelsBehind} */
  readonly shown: (position: Position) => Promise<void>;
  readonly now: () => number;
  readonly random?: () => number;
  readonly log: Log;
  /** For tests. */
  readonly channels?: Channels;
  readonly languageModel?: MotivateParts['languageModel'];
  readonly times?: ConstructorParameters<typeof Sending>[0]['times'];
};

type Decided = Place & { readonly by: string };

/** What the API asks of messages. Each throws {StoreUnavailable}, and {ReadModelsBehind} where it was decided and is not shown yet. */
export interface MessageServices {
  /** By what the organiser is reached, and whether members can be by e-mail. */
  readonly channels: { readonly organiser: readonly { name: string; recipient: string }[]; readonly email: boolean };
  /** Who writes motivations: `template`, or provider and model. */
  readonly writer: string;
  openInbox(seen: { memberId: string; through: string }): Promise<void>;
  /** @throws {PreferencesRefused} */
  arrangeNotifications(memberId: string, wish: Preferences): Promise<void>;
  /** @throws {MotivationRefused} */
  edit(edit: Decided & { text: string }): Promise<void>;
  /** Lets a draft go, and sends it. @throws {MotivationRefused} */
  approve(decided: Decided): Promise<Sent>;
  /** @throws {MotivationRefused} */
  discard(decided: Decided): Promise<void>;
  arrangeMotivation(wish: { challengeId: string; automatic: boolean; by: string }): Promise<void>;
  /** @throws {NotAllDelivered} when a channel of the organiser's failed: everybody in the challenge has it all the same */
  announce(wish: { challengeId: string; memberId: string; text: string; by: string }): Promise<{ members: number }>;
  /** Sends a test message. @returns null for a channel that is not configured */
  test(channel: string): Promise<Sent | null>;
}

/** Everything that tells people something. Closing breaks off what is being sent; it goes on at the next start. */
export class Messages implements AsyncDisposable {
  readonly services: MessageServices;
  readonly #parts: MotivateParts;
  readonly #ending = new AbortController();
  readonly #working = new Set<Promise<unknown>>();
  readonly #log: Log;

  constructor(parts: MotivateParts, services: (messages: Messages) => MessageServices, log: Log) {
    this.#parts = parts;
    this.#log = log;
    this.services = services(this);
  }

  /** @see remind */
  remind(slot: { challengeId: string; day: Day }, signal: AbortSignal): Promise<string> {
    return this.work((ending) => remind(this.#parts, slot, AbortSignal.any([signal, ending])));
  }

  /** @see motivate */
  motivate(slot: { challengeId: string; week: string }, signal: AbortSignal): Promise<string> {
    return this.work((ending) => motivate(this.#parts, slot, AbortSignal.any([signal, ending])));
  }

  /** Goes on with what was let go or announced when the last process ended. What fails is logged: it is tried at the next start. */
  resume(): Promise<void> {
    return this.work(async (ending) => {
      await resumeAnnouncements(this.#parts, ending);
      for (const { challenge_id: challengeId, member_id: memberId, week } of approvedDrafts(
        this.#parts.model('messages'),
      ))
        await sendMotivation(this.#parts, { challengeId, memberId, week }, ending);
    }).catch((err: unknown) => {
      if (!this.#ending.signal.aborted) this.#log.warn({ err }, 'Messages that were broken off could not be sent');
    });
  }

  /** Work that closing waits for. */
  async work<Answer>(begin: (ending: AbortSignal) => Promise<Answer>): Promise<Answer> {
    const working = begin(this.#ending.signal);
    this.#working.add(working);
    try {
      return await working;
    } finally {
      this.#working.delete(working);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort(new Error('The server is stopping.'));
    await Promise.allSettled(this.#working);
  }
}

/** Puts together what messages need. */
export function openMessages(given: Given): Messages {
  const { settings, store, codec, vault, now, log, random = Math.random } = given;
  const { fingerprint } = codec;
  const channels = given.channels ?? openChannels({ settings, vault, fingerprint, now, log });
  const { model, settled, publicUrl, alone } = given;
  const languageModel = given.languageModel ?? (settings.model && openModel(settings.model));
  const sending = new Sending({ store, codec, now, random, alone, ...(given.times && { times: given.times }) });
  const parts = { store, codec, model, now, random, sending, channels, settled, publicUrl, languageModel };
  const deciding = new Deciding({ store, codec, now, shown: given.shown });
  return new Messages(parts, (messages) => servicesOf(messages, parts, deciding), log);
}

function servicesOf(messages: Messages, parts: MotivateParts, deciding: Deciding): MessageServices {
  const { channels, languageModel, sending } = parts;
  const settle = async <Answer>(work: (ending: AbortSignal) => Promise<Answer>): Promise<Answer> => {
    const answer = await messages.work(work);
    await deciding.shown(await parts.store.head());
    return answer;
  };
  return {
    channels: {
      organiser: channels.organiser.map(({ channel, recipient }) => ({ name: channel.name, recipient })),
      email: channels.email !== null,
    },
    writer: languageModel?.name ?? 'template',
    ...deciders(deciding),
    async approve(decided) {
      await aboutDraft(deciding, decided, 'approve', (said, state) => approveMotivation(said, state));
      return settle((ending) => sendMotivation(parts, decided, ending));
    },
    announce: (wish) => settle((ending) => makeAnnouncement(parts, { ...wish, announcementId: randomUUID() }, ending)),
    async test(name) {
      const targets = channels.organiser.filter(({ channel }) => channel.name === name);
      if (targets.length === 0) return null;
      const slot = deciding.at();
      const message = () => ({ title: messageTitle('test', 'ko', 'Almanac'), text: TEST_TEXT });
      const send = (ending: AbortSignal) =>
        Promise.all(targets.map((target) => sending.send({ kind: 'test', slot, ...target, message }, ending)));
      return (await settle(send)).includes('failed') ? 'failed' : 'sent';
    },
  };
}

/** What is decided about one stream and nothing else. */
const deciders = (deciding: Deciding) => ({
  openInbox(seen: { memberId: string; through: string }) {
    const at = deciding.at();
    const stream = readingStream(seen.memberId);
    const decide = (state: Parameters<typeof openInbox>[1]) => openInbox({ ...seen, at }, state);
    return deciding.decide({ stream, aggregate: inbox, newest: 1, intention: `open ${at}`, decide });
  },
  arrangeNotifications(memberId: string, wish: Preferences) {
    const at = deciding.at();
    const decide = (state: Preferences) => arrangeNotifications({ ...wish, memberId, at }, state);
    const stream = preferencesStream(memberId);
    return deciding.decide({ stream, aggregate: preferences, newest: 1, intention: `arrange ${at}`, decide });
  },
  edit: ({ text, ...decided }: Decided & { text: string }) =>
    aboutDraft(deciding, decided, 'edit', (said, state) => editMotivation({ ...said, text }, state)),
  discard: (decided: Decided) =>
    aboutDraft(deciding, decided, 'discard', (said, state) => discardMotivation(said, state)),
  arrangeMotivation(wish: { challengeId: string; automatic: boolean; by: string }) {
    const at = deciding.at();
    const decide = (state: Arrangement) => arrangeMotivation({ ...wish, at }, state);
    const stream = arrangementStream(wish.challengeId);
    return deciding.decide({ stream, aggregate: arrangement, newest: 1, intention: `arrange ${at}`, decide });
  },
});

function aboutDraft(
  deciding: Deciding,
  decided: Decided,
  intention: string,
  decide: (said: Decided & { at: string }, state: (typeof motivations)['initial']) => ReturnType<typeof editMotivation>,
): Promise<void> {
  const at = deciding.at();
  const { challengeId, memberId, week, by } = decided;
  return deciding.decide({
    ...{ stream: motivationStream(decided), aggregate: motivations, intention: `${intention} ${week} ${at}` },
    decide: (state) => decide({ challengeId, memberId, week, by, at }, state),
  });
}
