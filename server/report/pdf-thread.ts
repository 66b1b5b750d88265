import { readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import { fontFiles } from './fonts.ts';

/** How typst sets a report; it reads its data as JSON, never as its own markup. */
const TEMPLATE = join(import.meta.dirname, 'report.typ');
/** Readers of screens follow the order of the tags: PDF for universal accessibility (ISO 14289-1). */
const ACCESSIBLE = 'ua-1';
/** What was laid out is kept for the reports that follow; older than this many reports it is let go. */
const REPORTS_REMEMBERED = 4;

const port = parentPort;
if (!port) throw new Error('pdf-thread.ts runs as a worker thread only.');
// On Linux a priority belongs to a thread (setpriority(2)): this one gives way to those that answer people.
if (process.platform === 'linux') setPriority(0, 10);

const compiler = NodeCompiler.create({ workspace: import.meta.dirname, fontArgs: [{ fontPaths: fontFiles() }] });
const template = readFileSync(TEMPLATE, 'utf8');

function set(data: string): Uint8Array<ArrayBuffer> {
  const args = { mainFileContent: template, inputs: { data } };
  try {
    return new Uint8Array(compiler.pdf(args, { pdfStandard: ACCESSIBLE }));
  } catch {
    // The standard refuses letters that no font has (a name in a script of its own): the report is there all the same, and tagged.
    return new Uint8Array(compiler.pdf(args, { pdfTags: true }));
  } finally {
    compiler.evictCache(REPORTS_REMEMBERED);
  }
}

port.on('message', (data: string) => {
  const pdf = set(data);
  port.postMessage(pdf, [pdf.buffer]);
});
