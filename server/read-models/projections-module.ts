import type { AnyProjection } from '../../projections/projection.ts';

/** Handlers cannot be sent to another thread: it imports the module that has them. */
export type ProjectionsModule = { readonly projections: readonly AnyProjection[] };

export const ALL_PROJECTIONS = new URL('../../projections/all.ts', import.meta.url).href;

/** @param url of a module that exports `projections` */
export async function loadProjections(url: string): Promise<readonly AnyProjection[]> {
  const { projections } = (await import(url)) as ProjectionsModule;
  return projections;
}
