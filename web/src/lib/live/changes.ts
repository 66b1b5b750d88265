import type { ChangeTopic } from '../../../../server/api/views.ts';

export type Listener = {
  changed(topics: readonly ChangeTopic[]): void;
  /** Connected, for the first time or again. */
  open(): void;
  lost(): void;
};

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;
/** The server pings every 15 seconds; a connection silent for longer is dead though nobody has said so (a laptop that slept). */
const SILENCE_MS = 50_000;

/**
 * Listens to the subscription `changes` until the returned function is called. tRPC serves subscriptions as plain
 * server-sent events (trpc.io/docs/client/links/httpSubscriptionLink): the browser's own EventSource reads them, and the
 * page saves the seven kilobytes of a client it would use for nothing else. Connects again by itself, ever more slowly.
 * @param moment what has changed since is told first; null: from now on. A later connection begins at its own moment.
 */
export function followChanges(listener: Listener, moment: string | null): () => void {
  let source: EventSource;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let delay = FIRST_RETRY_MS;

  function again() {
    source.close();
    clearTimeout(silence);
    listener.lost();
    retry = setTimeout(() => connect(null), delay * (0.5 + Math.random() / 2));
    delay = Math.min(LAST_RETRY_MS, delay * 2);
  }

  function heard() {
    clearTimeout(silence);
    silence = setTimeout(again, SILENCE_MS);
  }

  function connect(since: string | null) {
    source = new EventSource(`/trpc/changes${since === null ? '' : `?lastEventId=${encodeURIComponent(since)}`}`);
    source.onerror = again;
    source.addEventListener('serialized-error', again);
    // The server ends the subscription when it shuts down.
    source.addEventListener('return', again);
    source.addEventListener('ping', heard);
    source.addEventListener('connected', () => {
      delay = FIRST_RETRY_MS;
      heard();
      listener.open();
    });
    source.onmessage = ({ data }: MessageEvent<string>) => {
      heard();
      listener.changed((JSON.parse(data) as { topics: ChangeTopic[] }).topics);
    };
  }

  connect(moment);
  return () => {
    clearTimeout(retry);
    clearTimeout(silence);
    source.close();
  };
}
