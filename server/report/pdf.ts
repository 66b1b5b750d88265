import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import { fontFiles } from './fonts.ts';
import type { ReportData } from './report-data.ts';

/** How typst sets a report; it reads its data as JSON, never as its own markup. */
const TEMPLATE = join(import.meta.dirname, 'report.typ');
/** Readers of screens follow the order of the tags: PDF for universal accessibility (ISO 14289-1). */
const ACCESSIBLE = 'ua-1';
/** What was laid out is kept for the reports that follow; older than this many reports it is let go. */
const REPORTS_REMEMBERED = 4;

type Typesetter = { readonly compiler: NodeCompiler; readonly template: string };
let loaded: Promise<Typesetter> | undefined;

/** Loaded with the first report: the compiler is fifty megabytes, and its fonts take a tenth of a second. */
async function load(): Promise<Typesetter> {
  const { NodeCompiler: Compiler } = await import('@myriaddreamin/typst-ts-node-compiler');
  const compiler = Compiler.create({ workspace: import.meta.dirname, fontArgs: [{ fontPaths: fontFiles() }] });
  return { compiler, template: readFileSync(TEMPLATE, 'utf8') };
}

/** A report as PDF: A4, Korean embedded, tagged. */
export async function toPdf(data: ReportData): Promise<Uint8Array<ArrayBuffer>> {
  loaded ??= load().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  const { compiler, template } = await loaded;
  const args = { mainFileContent: template, inputs: { data: JSON.stringify(data) } };
  try {
    return new Uint8Array(compiler.pdf(args, { pdfStandard: ACCESSIBLE }));
  } catch {
    // The standard refuses letters that no font has (a name in a script of its own): the report is there all the same, and tagged.
    return new Uint8Array(compiler.pdf(args, { pdfTags: true }));
  } finally {
    compiler.evictCache(REPORTS_REMEMBERED);
  }
}
