/**
 * All figures, one part after the other so that none disturbs another: `npm run performance`; `npm run performance -- start api` for
 * some of them.
 */
import { measureApi } from './api.ts';
import { measureAppend } from './append.ts';
import { measureCollect } from './collect.ts';
import { measureCollectGitHub } from './collect-github.ts';
import { printFigures, type Figure } from './figure.ts';
import { measurePage } from './page.ts';
import { measureRebuild } from './rebuild.ts';
import { measureSeal } from './seal.ts';
import { measureStart } from './start.ts';
import { measureStatistics } from './statistics.ts';

const PARTS = new Map<string, () => Promise<Figure[]>>([
  ['append', measureAppend],
  ['rebuild', measureRebuild],
  ['seal', measureSeal],
  ['collect', measureCollect],
  ['collect-github', measureCollectGitHub],
  ['start', measureStart],
  ['api', measureApi],
  ['page', measurePage],
  ['statistics', measureStatistics],
]);

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !PARTS.has(name));
if (unknown.length > 0) throw new Error(`There is no part ${unknown.join(', ')}: ${[...PARTS.keys()].join(', ')}.`);
const figures: Figure[] = [];
for (const [name, measure] of PARTS)
  if (wanted.length === 0 || wanted.includes(name)) figures.push(...(await measure()));
printFigures(figures);
