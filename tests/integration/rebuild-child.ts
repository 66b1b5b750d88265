/** A process that folds the log of a directory, or rebuilds its read models, and tells how far it is until it is killed. */
import { openSqliteEventStore } from '../../server/event-store/sqlite/store.ts';
import { openReadModels } from '../../server/read-models/database.ts';

const [directory = '', task = 'fold'] = process.argv.slice(2);
const projectionsModule = new URL('../support/toy-projections.ts', import.meta.url).href;
const tell = (message: string) => process.send?.(message);

const store = await openSqliteEventStore({ directory });
const models = await openReadModels({ directory, log: { kind: 'sqlite', directory }, projectionsModule });
models.onChange(({ position }) => tell(`at ${position}`));
const head = await store.head();
if (head !== null) await models.waitFor(head, { timeout: 60_000 });
tell('folded');
while (task === 'rebuild') {
  tell('rebuilding');
  await models.rebuild([], () => tell('progress'));
}
