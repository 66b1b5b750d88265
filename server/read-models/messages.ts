/** What the threads tell each other. Plain data: positions are bigints, files are paths. */

export type FoldingState = 'live' | 'catching-up' | 'parked';

export type Advance = { readonly name: string; readonly position: bigint; readonly events: number };

/** From the projector. */
export type ProjectorMessage =
  /** Queries are to use this file from now on. `why`: it is new because the former one could not be used. */
  | {
      readonly kind: 'opened';
      readonly name: string;
      readonly path: string;
      readonly position: bigint | null;
      readonly events: number;
      readonly why: string | null;
    }
  /** Every projection has a file. */
  | { readonly kind: 'ready' }
  /** Rows up to these positions can be queried. `changed`: whose rows are not what they were. */
  | { readonly kind: 'advanced'; readonly models: readonly Advance[]; readonly changed: readonly string[] }
  | { readonly kind: 'state'; readonly name: string; readonly state: FoldingState; readonly error: string | null }
  /** A file is damaged or gone; a new generation must be built. */
  | { readonly kind: 'lost'; readonly name: string; readonly path: string; readonly reason: string }
  /** The last event there is to fold, as far as is known. */
  | { readonly kind: 'head'; readonly position: bigint | null }
  /** Something failed and is tried again. `of`: a projection's name, or what else it was. */
  | { readonly kind: 'trouble'; readonly of: string; readonly message: string };

/** To the projector. */
export type ProjectorOrder =
  /** A new generation was built: fold what came since and let it take the old one's place. */
  | { readonly kind: 'adopt'; readonly name: string; readonly path: string }
  /** Nobody queries this file any more. */
  | { readonly kind: 'release'; readonly path: string }
  /** A query found the file damaged. */
  | { readonly kind: 'damaged'; readonly path: string; readonly reason: string }
  | { readonly kind: 'close' };
