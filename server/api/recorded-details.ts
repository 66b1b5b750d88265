import { eventRegistry } from '../../domain/event-registry.ts';
import { isPublicRepository } from '../../projections/commit-activity-queries.ts';
import { findCommit } from '../../projections/commit-activity.ts';
import type { RecordedEvent } from '../event-store/event-store.ts';
import { isAtTheMachine, maySeePrivate, type Caller } from '../identity/caller.ts';
import type { Services } from './services.ts';

/** In place of what only a member's key opens, of what is its author's alone, and of what proves who somebody is. */
export const SEALED = '(sealed)';
export const PRIVATE = '(private)';
const SECRET = '(secret)';

type Details = Readonly<Record<string, unknown>>;
type Asked = { readonly services: Pick<Services, 'model'>; readonly caller: Caller };

/**
 * What an event says, as those who look after the server may read it: what is sealed stays sealed, what tells of a private
 * repository is for its author and for who holds the machine. null: of a type this Almanac does not know, so that nobody can tell
 * what it holds.
 */
export function detailsOf(asked: Asked, event: RecordedEvent): Details | null {
  const { data, metadata } = event as { data: Details | null; metadata: Details };
  if (!Object.hasOwn(eventRegistry, event.type) || data === null) return null;
  const sealed = new Set([...listed(metadata['sealed']), ...listed(metadata['sealedLists'])]);
  return Object.fromEntries(
    Object.entries(data).map(([field, value]) => [
      field,
      sealed.has(field) ? SEALED : shown(asked, data, field, value),
    ]),
  );
}

const listed = (marks: unknown): string[] => (Array.isArray(marks) ? marks.map(String) : []);

function shown(asked: Asked, data: Details, field: string, value: unknown): unknown {
  if (/hash$|^token$/i.test(field)) return SECRET;
  if (isAtTheMachine(asked.caller)) return value;
  if (field === 'githubId' && data['private'] === true) return PRIVATE;
  if (field === 'repositoryId' && !maySeeRepository(asked, data)) return PRIVATE;
  // A public repository is called by its owner: beside what somebody erased wrote, its id would name them.
  const isOfCommit = OF_A_COMMIT.has(field) || (field === 'repositoryId' && 'sha' in data);
  return isOfCommit && !maySeeCommit(asked, data) ? PRIVATE : value;
}

const OF_A_COMMIT: ReadonlySet<string> = new Set(['sha', 'evidence', 'authorOffset']);
const OF_A_REPOSITORY = 'repository-';

/** The stream an event stands in: that of a private repository is named by what leads to its number at GitHub. */
export function streamOf({ services, caller }: Asked, stream: string): string {
  if (isAtTheMachine(caller) || !stream.startsWith(OF_A_REPOSITORY)) return stream;
  const repositoryId = stream.slice(OF_A_REPOSITORY.length);
  return isPublicRepository(services.model('commit-activity'), repositoryId) ? stream : OF_A_REPOSITORY + PRIVATE;
}

/** By its id anybody finds out its number at GitHub by trying, and which of somebody's commits lie together. */
const maySeeRepository = ({ services, caller }: Asked, { memberId, repositoryId }: Details): boolean =>
  (typeof memberId === 'string' && maySeePrivate(caller, memberId)) ||
  (typeof repositoryId === 'string' && isPublicRepository(services.model('commit-activity'), repositoryId));

/** What is not known to be public is nobody else's business, and what was erased is nobody's. */
function maySeeCommit({ services, caller }: Asked, { memberId, authoredAt, sha }: Details): boolean {
  if (typeof memberId !== 'string') return false;
  if (maySeePrivate(caller, memberId)) return true;
  if (typeof authoredAt !== 'string' || typeof sha !== 'string') return false;
  const place = { memberId, authoredAt: Date.parse(authoredAt) / 1000, sha };
  const commit = findCommit(services.model('commit-activity'), place);
  return commit?.private === false && commit.message !== '';
}
