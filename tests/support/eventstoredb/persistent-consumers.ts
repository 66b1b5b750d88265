import { createHash } from 'node:crypto';
import type { LogEvent } from './log.ts';
import type { RpcError } from './rpc-errors.ts';

export type Message = {
  readonly id: string;
  readonly event?: LogEvent;
  readonly link?: LogEvent;
  readonly retryCount: number;
  /** Comes from the parked stream, so it has no place among the checkpoints. */
  readonly replayed: boolean;
  /** Given with the first delivery: its number, and the place of the event delivered before it. */
  readonly sequence?: number;
  readonly previous?: string | undefined;
};

/** A client connected to a group. */
export type Consumer = {
  readonly connectionName: string;
  /** Most messages it may hold without an answer. */
  readonly bufferSize: number;
  readonly held: Set<string>;
  total: number;
  readonly deliver: (message: Message) => void;
  readonly drop: (reason: RpcError) => void;
};

export type Choice = Consumer | 'skip' | 'full';

const hasRoom = ({ held, bufferSize }: Consumer): boolean => held.size < bufferSize;

/** Who gets a message. `skip`: its consumer is busy, others may be served; `full`: nobody has room. */
export function choose(strategy: string, consumers: Consumer[], message: Message): Choice {
  if (!consumers.some(hasRoom)) return 'full';
  if (strategy === 'DispatchToSingle') return consumers.find(hasRoom) ?? 'full';
  if (strategy === 'Pinned' || strategy === 'PinnedByCorrelation') {
    const pinned = consumers[bucket(pinKey(strategy, message)) % consumers.length]!;
    return hasRoom(pinned) ? pinned : 'skip';
  }
  const next = consumers.findIndex(hasRoom);
  const [chosen] = consumers.splice(next, 1);
  consumers.push(chosen!);
  return chosen!;
}

const bucket = (key: string): number => createHash('sha1').update(key).digest().readUInt32BE(0);

function pinKey(strategy: string, { event, link }: Message): string {
  const source = event ?? link!;
  if (strategy === 'Pinned') return source.stream;
  const match = /"\$correlationId"\s*:\s*"([^"]+)"/.exec(Buffer.from(source.metadata).toString('utf8'));
  return match?.[1] ?? source.stream;
}
