import type { AnyProjection } from '../../projections/projection.ts';
import { faultOf, messageOf } from './faults.ts';
import { generationsIn, nextGeneration, removeDatabase } from './generations.ts';
import { ModelFile } from './model-file.ts';

/** `why`: the file is new, because the former one cannot be used; null where there was none, or it can. */
export type Opened = { readonly file: ModelFile; readonly why: string | null };

/**
 * The newest file of a projection that can be used, or a new one. All others are removed.
 * @throws an SQLite error when the disk refuses for now
 */
export function openOrCreate(directory: string, projection: AnyProjection): Opened {
  const candidates = generationsIn(directory).filter((one) => one.projection === projection.name && !one.building);
  const fresh = nextGeneration(directory, projection);
  let why: string | null = null;
  let file: ModelFile | undefined;
  for (const { path } of candidates) {
    try {
      file ??= ModelFile.open(path, projection);
    } catch (error) {
      if (faultOf(error) === 'passing') throw error;
      why = messageOf(error);
    }
    if (file?.path !== path) removeDatabase(path);
  }
  return file ? { file, why: null } : { file: ModelFile.create(fresh, projection), why };
}
