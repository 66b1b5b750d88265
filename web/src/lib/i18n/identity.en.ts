import type * as ko from './identity.ko.ts';
import { account } from './account.en.ts';
import { admin, audit } from './admin.en.ts';

/** The words of the pages about who somebody is, in English. */
export const identity: typeof ko.identity = {
  roles: { member: 'Member', admin: 'Admin', owner: 'Owner' },
  signIn: {
    title: 'Sign in',
    what: 'Almanac is an attendance book that commits write by themselves: who made what, and when, from nothing but the commits.',
    button: 'Continue with GitHub',
    asked: 'What GitHub is asked for',
    askedList: [
      'Your name, your account and your verified e-mail addresses, to know which commits are yours.',
      'No code, and no private repositories. You can connect those later, one by one, on your account page.',
    ],
    notConfigured: {
      title: 'There is no way in yet',
      text: 'Signing in with GitHub is not set up on this server. Whoever runs it makes an OAuth app at GitHub, sets these values and starts it again.',
      owners: 'The GitHub accounts named in OWNERS become owners when they first sign in.',
    },
    faults: {
      'not-configured': 'Signing in with GitHub is not set up on this server.',
      denied: 'GitHub was not allowed to go on, so it ended here. Nothing has changed.',
      expired: 'This was begun too long ago, or in another window. Please begin again.',
      refused: 'GitHub did not accept this. Please begin again.',
      unavailable: 'GitHub does not answer right now. Please try again in a moment.',
      'other-account':
        'The account chosen at GitHub is not the one you are signed in with here. Please connect with the same account.',
      deactivated:
        'This account has been deactivated here. Ask whoever runs the challenge if you think this is a mistake.',
      other: 'Signing in did not work. Please begin again.',
    },
    signedOut: 'You are signed out. Nothing of the session is left in this browser.',
    ended: 'You ended the session you were using.',
    erased: 'Everything personal of yours has been erased. Thank you for having been here.',
    toAccount: 'Back to your account',
  },
  waiting: {
    title: 'Almost there',
    declinedTitle: 'Not let in',
    as: (name) => `You are signed in as ${name}.`,
    text: 'Nobody has invited this account yet, so an admin decides. Once you are let in, this page turns into the book by itself. You keep your place if you close the window.',
    declined:
      'An admin has not let you in this time. If you think this is a mistake, ask whoever runs the challenge. Should they decide otherwise, this page turns into the book.',
    next: 'Meanwhile you can',
    declinedNext: 'What you can do',
    look: 'Look again',
    looking: 'It looks by itself every 10 seconds.',
    signOut: 'Sign out',
    leave: 'Stop waiting and erase what is known of you',
    declinedLeave: 'Erase what is known of you',
    otherAccount: 'Meant another GitHub account? Sign out first, then come in with that one.',
  },
  faults: {
    403: 'You may not do this.',
    404: 'It is gone already. Open the page again to see what is there.',
    409: 'Somebody else has changed it meanwhile, or it cannot be done as things are. Please look at what is shown now.',
    429: 'Too many requests. Please try again in a moment.',
    503: 'The server cannot answer for a moment. Nothing has changed; please try again shortly.',
    other: 'That did not work. Nothing has changed.',
  },
  account,
  admin,
  audit,
};
