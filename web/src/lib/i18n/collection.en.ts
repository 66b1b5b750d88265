import type * as ko from './collection.ko.ts';
import { plural } from './plural.ts';

/** The words about reading repositories, in English. */
export const collection: typeof ko.collection = {
  collect: 'Collect now',
  collecting: 'Collecting…',
  checked: (count) =>
    `Checked just now${count && ` · ${count === '0' ? 'no new commits' : plural(count, 'new commit')}`}`,
  pill: {
    waiting: 'Waiting to read',
    reading: (done, total) => `Reading ${done} / ${total}`,
    readingAny: 'Reading',
    watching: (time) => `Watching · ${time}`,
    watchingAny: 'Watching',
    failed: (count) => `${plural(count, 'repository', 'repositories')} unreadable`,
    empty: 'No commits',
    none: 'No repository',
    away: 'Status unknown',
    models: 'Computing again',
  },
  progress: 'Reading progress',
  reading: {
    title: 'Reading the repository',
    text: 'What has been read appears here at once; there is no need to reload.',
    counts: (done, total) => (done === total ? plural(total, 'commit') : `${done} of ${plural(total, 'commit')}`),
  },
  failure: {
    title: (name) => `${name} could not be read`,
    since: (time) => `since ${time}`,
    consequence: 'Days that could not be read stay unknown; they do not count as absent.',
    again: 'It is read again by itself once it is back. To try at once, press “Collect now”.',
    reasons: {
      missing: 'The folder is gone or was moved.',
      'not-a-repository': 'It is not a git repository.',
      unreadable: 'It is damaged, or there is no permission or no git to read it. git fsck tells more of damage.',
      'store-unavailable': 'The event store did not answer, so nothing could be recorded.',
      timeout: 'git did not answer in time.',
    },
  },
  states: {
    waiting: 'Waiting',
    reading: 'Reading',
    watching: 'Watching',
    failed: 'Unreadable',
    empty: 'No commits',
  },
  page: {
    title: 'Collection status',
    repositories: 'Repositories',
    readModels: 'Read models',
    store: 'Event store',
    started: 'Started',
    lastRead: 'Last read',
    never: 'Not read yet',
    skipped: (count) => `${plural(count, 'commit')} could not be read`,
    subscribers: 'Subscribers',
    parked: (count) => `${count} parked`,
    subscriberStates: {
      live: 'Up to date',
      'catching-up': 'Catching up',
      retrying: 'Trying again',
      stopped: 'Stopped',
    },
    modelStates: { live: 'Up to date', 'catching-up': 'Catching up', rebuilding: 'Rebuilding', parked: 'Stopped' },
    none: 'No repository is being watched.',
  },
  events: {
    title: 'Latest events',
    time: 'Time',
    type: 'Type',
    stream: 'Stream',
    empty: 'No events yet.',
    away: 'The events cannot be shown right now; they come back by themselves.',
  },
};

/** What a page without a book says. */
export const empty: typeof ko.empty = {
  noRepository: {
    title: 'Nothing planted yet',
    text: 'Started inside a git repository, Almanac shows that repository’s attendance book at once. This is outside of one.',
    step: 'Start again and name a repository:',
    command: 'npm start -- --repo ~/projects/my-repository',
    hint: '--repo may be given several times.',
  },
  noCommits: {
    title: 'Waiting for the first commit',
    text: 'The repository is there, but it has no commits yet. A commit appears here within seconds.',
    step: 'Make the first one:',
    command: 'git commit --allow-empty -m "First commit"',
    hint: 'You can leave this page open.',
  },
  failed: {
    title: 'The repository could not be read',
    text: 'It has not been read to the end once, so there is no book to show.',
    step: 'Check the path and start again:',
    command: 'npm start -- --repo ~/projects/my-repository',
    hint: 'Once the repository is back in its place it is read by itself.',
  },
  noMembers: {
    title: 'No members yet',
    text: 'The challenge is open, but nobody has joined. They appear here when their first commit is read.',
  },
};
