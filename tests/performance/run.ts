/** All figures, one part after the other so that none disturbs another: `npm run performance`. */
import { measureApi } from './api.ts';
import { measureAppend } from './append.ts';
import { measureCollect } from './collect.ts';
import { printFigures, type Figure } from './figure.ts';
import { measurePage } from './page.ts';
import { measureRebuild } from './rebuild.ts';

const figures: Figure[] = [];
for (const measure of [measureAppend, measureRebuild, measureCollect, measureApi, measurePage])
  figures.push(...(await measure()));
printFigures(figures);
