import { Worker } from 'node:worker_threads';
import { TRPCError } from '@trpc/server';
import type { ReportData } from './report-data.ts';

/** Reports that wait for a turn or are being set; one of a season of ten years takes seconds. */
const MOST_AT_ONCE = 8;
const SETTING_MS = 60_000;

/** Started with the first report: the compiler is fifty megabytes, and its fonts take a tenth of a second. */
let thread: Worker | null = null;
let turn: Promise<unknown> = Promise.resolve();
let asked = 0;

/**
 * A report as PDF: A4, Korean embedded, tagged. A thread sets one after the other, while others are answered.
 * @throws SERVICE_UNAVAILABLE when too many wait for theirs
 */
export async function toPdf(data: ReportData): Promise<Uint8Array<ArrayBuffer>> {
  if (asked >= MOST_AT_ONCE)
    throw new TRPCError({ code: 'SERVICE_UNAVAILABLE', message: 'Too many reports are being made just now.' });
  asked += 1;
  const made = turn.then(() => inThread(JSON.stringify(data)));
  turn = made.catch(() => undefined).finally(() => (asked -= 1));
  return made;
}

async function inThread(data: string): Promise<Uint8Array<ArrayBuffer>> {
  const worker = (thread ??= started());
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
  const gone = () => reject(new Error('The report could not be set.'));
  worker.once('message', resolve).once('error', reject).once('exit', gone);
  const late = setTimeout(() => void worker.terminate(), SETTING_MS);
  worker.ref();
  worker.postMessage(data);
  try {
    return await promise;
  } finally {
    clearTimeout(late);
    worker.off('message', resolve).off('error', reject).off('exit', gone).unref();
  }
}

function started(): Worker {
  const worker = new Worker(new URL('./pdf-thread.ts', import.meta.url));
  // Whatever ends it, the next report begins another one.
  const over = () => {
    if (thread === worker) thread = null;
  };
  return worker.on('error', over).once('exit', over);
}
