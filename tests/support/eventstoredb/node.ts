import type { Faults } from './faults.ts';
import type { EventLog } from './log.ts';
import type { PersistentGroups } from './persistent-groups.ts';

/** What the services share: the log and the groups outlive a listener, as files outlive a process. */
export type Node = {
  readonly log: EventLog;
  readonly groups: PersistentGroups;
  readonly faults: Faults;
};
