import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Order, Report } from './sqlite-child.ts';

const PROGRAM = fileURLToPath(new URL('./sqlite-child.ts', import.meta.url));

type ChildOptions = {
  readonly role?: 'store' | 'reader';
  /** A command that runs the child, such as one that limits what it may use. */
  readonly under?: readonly string[];
};

/** The parent's end of `sqlite-child.ts`: reports are taken in the order they come. */
export class StoreProcess implements AsyncDisposable {
  readonly process: ChildProcess;
  readonly #reports: Report[] = [];
  #arrived: (() => void) | undefined;

  constructor(directory: string, { role = 'store', under = [] }: ChildOptions = {}) {
    const [command = '', ...args] = [...under, process.execPath, PROGRAM, directory, role];
    this.process = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.process.on('message', (report: Report) => {
      this.#reports.push(report);
      this.#arrived?.();
    });
  }

  /** The next report; waits for it. */
  async report(): Promise<Report> {
    for (;;) {
      const report = this.#reports.shift();
      if (report !== undefined) return report;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#arrived = resolve;
      await promise;
    }
  }

  ask(order: Order): Promise<Report> {
    this.process.send(order);
    return this.report();
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exit = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exit;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
