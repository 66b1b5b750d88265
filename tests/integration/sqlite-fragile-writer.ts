/** The writing thread of the embedded store, but it breaks down when it meets certain streams. */
import { parentPort, workerData } from 'node:worker_threads';
import { LogWriter, type WriterData, type WriterMessage } from '../../server/event-store/sqlite/log-writer.ts';

const writer = new LogWriter((workerData as WriterData).file);

parentPort?.on('message', (message: WriterMessage) => {
  const meets = (stream: string) => message?.some((request) => request.stream === stream) ?? false;
  if (meets('breaks-before-commit')) throw new Error('Broken on purpose.');
  if (message === null) {
    writer.close();
    parentPort?.close();
    return;
  }
  const reply = writer.write(message);
  if (meets('breaks-after-commit')) process.exit(1);
  parentPort?.postMessage(reply);
});
