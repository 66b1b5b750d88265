/** A process with the embedded store (or only its reader) of a directory; does what its parent asks and tells how it went. */
import { randomUUID } from 'node:crypto';
import { openSqliteEventLogReader, openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';

export type Order =
  | { readonly do: 'append'; readonly stream: string; readonly text: string; readonly id?: string }
  | { readonly do: 'count' }
  | { readonly do: 'follow' }
  | { readonly do: 'close' };

export type Report =
  | { readonly kind: 'open' }
  | { readonly kind: 'appended'; readonly revision: string }
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'following' }
  | { readonly kind: 'followed'; readonly ids: readonly string[] }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string; readonly cause: string };

const [directory = '', role = 'store'] = process.argv.slice(2);
const report = (told: Report): void => void process.send?.(told);

function fail(error: unknown): void {
  const { name, message, cause } = error as Error;
  report({ kind: 'failed', name, message, cause: String(cause) });
}

try {
  const writer = role === 'store' ? await openSqliteEventStore({ directory }) : undefined;
  const reader = writer ?? openSqliteEventLogReader({ directory });
  const abort = new AbortController();

  const follow = async (): Promise<void> => {
    for await (const message of reader.subscribeToAll({ after: 'end', signal: abort.signal })) {
      if (message.kind === 'events') report({ kind: 'followed', ids: message.events.map((event) => event.id) });
      else if (message.kind === 'caught-up') report({ kind: 'following' });
    }
  };

  const obey = async (order: Order): Promise<void> => {
    if (order.do === 'append') {
      const event = { id: order.id ?? randomUUID(), type: 'Noted', data: { text: order.text }, metadata: {} };
      const result = await writer?.append(order.stream, [event], { expectedRevision: 'any' });
      report({ kind: 'appended', revision: String(result?.revision) });
    } else if (order.do === 'count') {
      let count = 0;
      for await (const page of reader.readAll()) count += page.length;
      report({ kind: 'count', count });
    } else if (order.do === 'follow') await follow();
    else {
      abort.abort();
      await reader.close();
      report({ kind: 'closed' });
      process.disconnect?.();
    }
  };

  process.on('message', (order: Order) => void obey(order).catch(fail));
  report({ kind: 'open' });
} catch (error) {
  fail(error);
  process.disconnect?.();
}
