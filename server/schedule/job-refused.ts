/** Somebody asks for a run of a job that runs already, or for one that there is none of. */
export class JobRefused extends Error {
  override readonly name = 'JobRefused';
  readonly reason: 'unknown' | 'running' | 'not failed';
  constructor(reason: JobRefused['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}
