import { randomUUID } from 'node:crypto';
import type { EventLog, LogEvent } from './log.ts';
import { originalEvent, resolve, type ResolvedEvent } from './log-reading.ts';
import { choose, type Consumer, type Message } from './persistent-consumers.ts';
import { ParkedMessages } from './persistent-parking.ts';
import type { GroupSettings, GroupSource } from './persistent-settings.ts';
import { groupDropped } from './rpc-errors.ts';

/** How often messages without an answer and due checkpoints are looked for. A real node looks once a second. */
const TICK_MS = 50;

type Outstanding = { readonly message: Message; readonly consumer: Consumer; readonly expires: number };

/**
 * A persistent subscription: hands each event to one of its consumers and remembers which were answered.
 * Unlike a real node, a restarted listener goes on from what was answered, not from the last checkpoint.
 */
export class PersistentGroup {
  readonly name: string;
  readonly source: GroupSource;
  readonly settings: GroupSettings;
  readonly parked: ParkedMessages;
  readonly consumers: Consumer[] = [];
  readonly outstanding = new Map<string, Outstanding>();
  readonly retries: Message[] = [];
  readonly waiting: Message[] = [];
  totalItems = 0;
  lastKnown: string | undefined;
  lastCheckpoint: string | undefined;
  readonly #log: EventLog;
  readonly #stopListening: () => void;
  readonly #timer: NodeJS.Timeout;
  #sequence = 0;
  #delivered: string | undefined;
  #checkpointSequence = -1;
  #checkpointTime = Date.now();
  #pushing = false;

  constructor(log: EventLog, name: string, source: GroupSource, settings: GroupSettings) {
    this.#log = log;
    this.name = name;
    this.source = source;
    this.settings = settings;
    this.parked = new ParkedMessages(log, source.name, name);
    this.#stopListening = log.onWritten(() => this.push());
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  get isFull(): boolean {
    return this.settings.maxSubscriberCount > 0 && this.consumers.length >= this.settings.maxSubscriberCount;
  }

  join(consumer: Consumer): void {
    this.consumers.push(consumer);
    this.push();
  }

  /** What the consumer held goes to the others. */
  leave(consumer: Consumer): void {
    const index = this.consumers.indexOf(consumer);
    if (index < 0) return;
    this.consumers.splice(index, 1);
    for (const id of [...consumer.held]) this.#retry(id);
    this.push();
  }

  ack(ids: readonly string[]): void {
    for (const id of ids) this.#forget(id);
    this.#markCheckpoint(false);
    this.push();
  }

  nack(action: 'park' | 'retry' | 'skip' | 'stop', ids: readonly string[], reason: string): void {
    for (const id of ids) {
      const message = this.outstanding.get(id)?.message;
      if (message === undefined) continue;
      if (action === 'retry') this.#retryOrPark(message);
      else if (action === 'park') this.#park(message, `Client explicitly NAK'ed message.\n${reason}`);
      else this.#forget(id);
    }
    this.#markCheckpoint(false);
    this.push();
  }

  replayParked(stopAt: bigint | undefined): void {
    for (const resolved of this.parked.takeOut(stopAt)) {
      this.retries.push({ ...resolved, id: originalEvent(resolved).id, retryCount: 0, replayed: true });
    }
    this.push();
  }

  /** Ends the group: its consumers are told. */
  close(): void {
    clearInterval(this.#timer);
    this.#stopListening();
    for (const consumer of this.consumers.splice(0)) consumer.drop(groupDropped(this.source.name, this.name));
  }

  /** Hands out what can be handed out, at once: acknowledgements rely on it. */
  push(): void {
    // Parking and checkpoints write to the log, whose writes arrive here again.
    if (this.#pushing) return;
    this.#pushing = true;
    do this.#fill();
    while (this.#pushFrom(this.retries) + this.#pushFrom(this.waiting) > 0);
    this.#pushing = false;
  }

  #fill(): void {
    for (const event of this.source.take(this.settings.historyBufferSize - this.waiting.length)) {
      this.lastKnown = this.source.describe(event);
      const resolved = resolve(this.#log, event, this.settings.resolveLinks);
      this.waiting.push({ ...resolved, id: event.id, retryCount: 0, replayed: false });
    }
  }

  #pushFrom(queue: Message[]): number {
    let [sent, index] = [0, 0];
    while (index < queue.length) {
      const choice = choose(this.settings.strategy, this.consumers, queue[index]!);
      if (choice === 'full') break;
      if (choice === 'skip') {
        index += 1;
        continue;
      }
      const [message] = queue.splice(index, 1);
      this.#deliver(message!, choice);
      sent += 1;
    }
    return sent;
  }

  #deliver(message: Message, consumer: Consumer): void {
    const numbered = message.replayed || message.sequence !== undefined ? message : this.#number(message);
    this.totalItems += 1;
    consumer.total += 1;
    consumer.held.add(message.id);
    const expires = Date.now() + this.settings.messageTimeoutMs;
    this.outstanding.set(message.id, { message: numbered, consumer, expires });
    consumer.deliver(numbered);
  }

  #number(message: Message): Message {
    const numbered = { ...message, sequence: this.#sequence, previous: this.#delivered };
    this.#sequence += 1;
    this.#delivered = this.source.describe(originalOf(message));
    return numbered;
  }

  #forget(id: string): void {
    this.outstanding.get(id)?.consumer.held.delete(id);
    this.outstanding.delete(id);
  }

  #retry(id: string): void {
    const message = this.outstanding.get(id)?.message;
    this.#forget(id);
    if (message !== undefined) this.retries.push({ ...message, retryCount: message.retryCount + 1 });
  }

  #retryOrPark(message: Message): void {
    if (message.retryCount < this.settings.maxRetryCount) this.#retry(message.id);
    else this.#park(message, `Reached retry count of ${this.settings.maxRetryCount}`);
  }

  #park(message: Message, reason: string): void {
    this.#forget(message.id);
    this.parked.park(message, reason);
  }

  #tick(): void {
    const now = Date.now();
    const expired = [...this.outstanding.values()].filter(({ expires }) => expires <= now);
    for (const { message } of expired) this.#retryOrPark(message);
    this.#markCheckpoint(true);
    if (expired.length > 0) this.push();
  }

  /** Remembers how far everything is answered, not on every answer but by count and time. */
  #markCheckpoint(isTick: boolean): void {
    const open = [...[...this.outstanding.values()].map(({ message }) => message), ...this.retries];
    const first = open
      .filter((message) => message.sequence !== undefined)
      .reduce<Message | undefined>((a, b) => (a !== undefined && a.sequence! < b.sequence! ? a : b), undefined);
    const sequence = first === undefined ? this.#sequence - 1 : first.sequence! - 1;
    const place = first === undefined ? this.#delivered : first.previous;
    if (sequence < 0 || place === undefined) return;
    const { minCheckpointCount, maxCheckpointCount, checkpointAfterMs } = this.settings;
    const count = sequence - this.#checkpointSequence;
    const due =
      isTick && count >= Math.max(1, minCheckpointCount) && Date.now() - this.#checkpointTime >= checkpointAfterMs;
    if (!due && count < maxCheckpointCount) return;
    this.#checkpointSequence = sequence;
    this.#checkpointTime = Date.now();
    this.lastCheckpoint = place;
    this.#writeCheckpoint(place);
  }

  #writeCheckpoint(place: string): void {
    const data = Buffer.from(JSON.stringify(place), 'utf8');
    const stream = `$persistentsubscription-${this.source.name}::${this.name}-checkpoint`;
    const checkpoint = {
      id: randomUUID(),
      type: '$SubscriptionCheckpoint',
      isJson: true,
      data,
      metadata: data.subarray(0, 0),
    };
    this.#log.append(stream, [checkpoint], 'any');
  }
}

const originalOf = (message: Message): LogEvent => originalEvent(message as ResolvedEvent);
