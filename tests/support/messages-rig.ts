import type { Preferences } from '../../domain/preferences.ts';
import { standardPreferences } from '../../domain/preferences.ts';
import { attendanceStream } from '../../domain/attendance.ts';
import { challengeStream, everyDay } from '../../domain/challenge.ts';
import type { AlmanacEvent } from '../../domain/event-registry.ts';
import { memberStream } from '../../domain/member.ts';
import { inboxOf } from '../../projections/messages-queries.ts';
import { createLog } from '../../server/log.ts';
import { DeliveryFailed, type Channel, type Outgoing } from '../../server/notify/channel.ts';
import { openMessages, type Messages } from '../../server/notify/open-messages.ts';
import type { LanguageModel } from '../../server/motivate/llm.ts';
import { Estate } from './estate.ts';

export const SEASON = 'gardeners';
export const START = '2025-03-10';
const season = { kind: 'fixed' as const, start: START, days: 100 };
const at = '2025-03-01T00:00:00Z';

/** What a channel was given, in order; it fails while `failing` says how. */
export type ChannelStandIn = Channel & {
  readonly sent: (Outgoing & { to: string; key: string })[];
  failing: DeliveryFailed | null;
  /** Sending takes this long; the process may be killed meanwhile. */
  sending: Promise<void>;
};

export function channelStandIn(name: string): ChannelStandIn {
  return {
    name,
    sent: [],
    failing: null,
    sending: Promise.resolve(),
    async send(message, to, key) {
      await this.sending;
      if (this.failing) throw this.failing;
      this.sent.push({ ...message, to, key });
    },
  };
}

type OpenOptions = { languageModel?: LanguageModel | null; alone?: boolean };

/** A season of members with the product's own log, vault and read models, and a clock that is set by hand. */
export async function messagesRig() {
  await using opening = new AsyncDisposableStack();
  const estate = opening.use(new Estate());
  const running = opening.use(await estate.start());
  const { store, codec, vault, readModels } = running;
  let clock = Date.parse('2025-03-20T13:00:00Z');
  const webhook = channelStandIn('webhook');
  const email = channelStandIn('email');
  const settled = async () => readModels.waitFor((await store.head()) ?? 0n, { timeout: 20_000 });
  const say = async (stream: string, ...events: AlmanacEvent[]) => {
    const appended = events.map((event) => codec.encode(event, crypto.randomUUID()));
    await store.append(stream, appended, { expectedRevision: 'any' });
    await settled();
  };
  await say(challengeStream(SEASON), {
    type: 'ChallengeOpened',
    data: { challengeId: SEASON, title: '정원사들', timeZone: 'Asia/Seoul', season, rule: everyDay },
  });
  const opened = new Set<Messages>();
  opening.defer(async () => {
    for (const one of opened) await one[Symbol.asyncDispose]();
  });
  const open = opening.move();
  return {
    ...{ webhook, email, store, codec, say, settled },
    model: (...args: Parameters<typeof readModels.model>) => readModels.model(...args),
    now: () => clock,
    /** Sets the clock. @param instant ISO */
    setClock: (instant: string) => void (clock = Date.parse(instant)),
    /** One more process that sends. */
    open({ languageModel = null, alone = false }: OpenOptions = {}): Messages {
      const messages = openMessages({
        settings: { webhookUrl: null, organiserEmails: [], mail: null, kakao: null, model: null },
        ...{ publicUrl: 'https://almanac.example.org', alone, store, codec, vault, settled },
        model: (name) => readModels.model(name),
        shown: (position) => readModels.waitFor(position),
        ...{ now: () => clock, random: () => 0, log: createLog('silent'), languageModel },
        channels: { organiser: [{ channel: webhook, to: '', recipient: 'organiser' }], email },
        times: { pollMs: 5, backoff: { firstDelayMs: 1, longestDelayMs: 2 } },
      });
      opened.add(messages);
      return messages;
    },
    /** Somebody who takes part, whose commits were read to `readThrough`, and who can sign in. */
    async member(
      id: string,
      { name = id, read = '2025-03-20T12:00:00Z' }: { name?: string; read?: string | null } = {},
    ) {
      await say(memberStream(id), {
        type: 'MemberRegistered',
        data: { memberId: id, handle: id, name, bot: false },
      });
      await say(memberStream(id), { type: 'AccessGranted', data: { memberId: id, role: 'member', by: 'local', at } });
      await say(challengeStream(SEASON), { type: 'MemberJoined', data: { challengeId: SEASON, memberId: id } });
      if (read === null) return;
      await say(`collection-${id}`, {
        type: 'CollectionCompleted',
        data: { source: 'github', sourceId: id, through: read, observed: 1 },
      });
    },
    /** They attended these days. */
    attended: (memberId: string, ...days: string[]) =>
      say(
        attendanceStream(SEASON, memberId, season, START),
        ...days.map((day) => ({
          type: 'AttendanceMarked' as const,
          data: { challengeId: SEASON, memberId, day, evidence: 'a'.repeat(40) },
        })),
      ),
    arranged: (memberId: string, change: Partial<Preferences>) =>
      say(`preferences-${memberId}`, {
        type: 'NotificationsArranged',
        data: { memberId, ...standardPreferences, channels: ['inbox'], ...change, at },
      }),
    /** What lies in somebody's inbox, opened, the latest first. */
    async inbox(memberId: string): Promise<string[]> {
      await settled();
      return inboxOf(readModels.model('messages'), memberId, { limit: 99 }).map(({ text }) =>
        codec.openKept('MessageDelivered.text', text),
      );
    },
    erase: (memberId: string) => running.erase(memberId),
    filesWith: (...texts: string[]) => estate.filesWith(...texts),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
export type MessagesRig = Awaited<ReturnType<typeof messagesRig>>;
