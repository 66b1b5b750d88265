/**
 * What it costs that personal fields are sealed: for each text, and for folding a log.
 * `npm run performance -- seal`
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCodec } from '../../server/event-store/codec.ts';
import { openVault } from '../../server/vault/vault.ts';
import { sealOf } from '../../server/vault/vault-seal.ts';
import { openReadModels } from '../../server/read-models/database.ts';
import { printFigures, type Figure } from './figure.ts';
import { SUBJECTS, writeJournal } from './million-events.ts';

const TEXTS = 10_000;
const MEMBERS = 200;
const EVENTS = 200_000;
const ROUNDS = 5;
const TARGETS = { texts: 10, rebuild: 1.2 };

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

function timed(work: () => void): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

/** The least it takes: a cipher for each text, with a nonce of its own, there and back. */
function plainly(texts: readonly string[]): void {
  const key = randomBytes(32);
  for (const text of texts) {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
    const sealed = cipher.update(text, 'utf8');
    cipher.final();
    const decipher = createDecipheriv('aes-256-gcm', key, nonce);
    decipher.setAuthTag(cipher.getAuthTag());
    decipher.update(sealed, undefined, 'utf8');
    decipher.final();
  }
}

function measureTexts(): { sealing: number; ratio: number } {
  const directory = mkdtempSync(join(tmpdir(), 'almanac-seal-'));
  const texts = Array.from({ length: TEXTS }, (_, index) => `${SUBJECTS[index % SUBJECTS.length] ?? ''} (#${index})`);
  try {
    using vault = openVault({ dataDirectory: directory, masterKeys: [], mayFound: true });
    vault.prepare(Array.from({ length: MEMBERS }, (_, index) => `member-${index}`));
    const sealAndOpen = () =>
      texts.forEach((text, index) => {
        const memberId = `member-${index % MEMBERS}`;
        const sealed = vault.seal(memberId, 'CommitObserved.message', text) ?? '';
        if (vault.open(memberId, 'CommitObserved.message', sealed) !== text) throw new Error('It did not open.');
      });
    const rounds = Array.from({ length: ROUNDS }, () => [timed(sealAndOpen), timed(() => plainly(texts))] as const);
    const sealing = median(rounds.map(([sealed]) => sealed));
    return { sealing, ratio: sealing / median(rounds.map(([, plain]) => plain)) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** A log of its own with read models folded from it, ready to be rebuilt. */
async function openLog(sealed: boolean, events: number) {
  const directory = mkdtempSync(join(tmpdir(), 'almanac-sealed-'));
  const vault = sealed ? openVault({ dataDirectory: directory, masterKeys: [], mayFound: true }) : null;
  const seal =
    vault &&
    sealOf(vault, (error) => {
      throw error;
    });
  writeJournal(directory, events, createCodec(seal));
  const models = await openReadModels({
    directory,
    log: { kind: 'sqlite', directory },
    ...(vault && { vault: vault.access }),
  });
  await models.waitFor(BigInt(events), { timeout: 600_000 });
  return {
    rebuild: async () => (await models.rebuild()).milliseconds,
    async [Symbol.asyncDispose]() {
      await models.close();
      vault?.close();
      rmSync(directory, { recursive: true });
    },
  };
}

async function measureRebuilds(events: number): Promise<{ sealed: number; plain: number }> {
  await using plainLog = await openLog(false, events);
  await using sealedLog = await openLog(true, events);
  const plain: number[] = [];
  const sealed: number[] = [];
  // In turns: what disturbs the machine disturbs both.
  for (let round = 0; round < ROUNDS; round += 1) {
    plain.push(await plainLog.rebuild());
    sealed.push(await sealedLog.rebuild());
  }
  return { sealed: median(sealed), plain: median(plain) };
}

export async function measureSeal(events = EVENTS): Promise<Figure[]> {
  const { sealing, ratio } = measureTexts();
  const { sealed, plain } = await measureRebuilds(events);
  const info = { target: '–', ok: true };
  const most = (value: number, target: number) => ({ value, target: `≤ ${target}`, ok: value <= target });
  return [
    { name: 'sealing and opening 10,000 texts', value: sealing, unit: 'ms', ...info },
    { name: 'the same ÷ plain AES-256-GCM', unit: '×', ...most(ratio, TARGETS.texts) },
    { name: `rebuild from ${events.toLocaleString('en')} sealed events`, value: sealed / 1000, unit: 's', ...info },
    { name: 'the same ÷ unsealed', unit: '×', ...most(sealed / plain, TARGETS.rebuild) },
  ];
}

if (import.meta.main) printFigures(await measureSeal(Number(process.argv[2] ?? EVENTS)));
