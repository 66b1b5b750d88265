/** The thread that writes the embedded event log: one reply to each message, until it is asked to close. */
import { parentPort, workerData } from 'node:worker_threads';
import { LogWriter, type WriterData, type WriterMessage, type WriterReply } from './log-writer.ts';

const writer = new LogWriter((workerData as WriterData).file);

parentPort?.on('message', (message: WriterMessage) => {
  if (message !== null) {
    parentPort?.postMessage(writer.write(message) satisfies WriterReply);
    return;
  }
  writer.close();
  parentPort?.close();
});
