import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A mail as it came in: the envelope, and what stood in the message. */
export type Mail = {
  readonly from: string;
  readonly to: readonly string[];
  /** Unfolded, names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly raw: string;
};

/** What goes wrong at a step of the next conversation: a reply instead of the good one, or a cut connection. */
export type Fault = { readonly at: Step; readonly reply: string | 'cut' };
type Step = 'greeting' | 'EHLO' | 'MAIL' | 'RCPT' | 'DATA' | 'message' | 'after message';

export type SmtpServer = AsyncDisposable & {
  readonly url: string;
  readonly mails: Mail[];
  /** Used up one a conversation. */
  readonly faults: Fault[];
};

/** A mail server on loopback that speaks as much of RFC 5321 as a client needs, and keeps what it is given. */
export async function startSmtp(): Promise<SmtpServer> {
  const mails: Mail[] = [];
  const faults: Fault[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    new Conversation(socket, faults.shift(), (mail) => mails.push(mail)).begin();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    faults,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

class Conversation {
  readonly #socket: Socket;
  readonly #fault: Fault | undefined;
  readonly #keep: (mail: Mail) => void;
  #buffer = '';
  #from = '';
  #to: string[] = [];
  #isMessage = false;

  constructor(socket: Socket, fault: Fault | undefined, keep: (mail: Mail) => void) {
    this.#socket = socket;
    this.#fault = fault;
    this.#keep = keep;
  }

  begin(): void {
    this.#socket.setEncoding('utf8');
    this.#socket.on('data', (chunk: string) => {
      this.#buffer += chunk;
      this.#read();
    });
    this.#reply('greeting', '220 mail.test ESMTP');
  }

  #read(): void {
    for (;;) {
      const end = this.#isMessage ? '\r\n.\r\n' : '\r\n';
      const at = this.#buffer.indexOf(end);
      if (at < 0) return;
      const text = this.#buffer.slice(0, at);
      this.#buffer = this.#buffer.slice(at + end.length);
      if (this.#isMessage) this.#take(text);
      else this.#command(text);
    }
  }

  #command(line: string): void {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'EHLO' || verb === 'HELO') return this.#reply('EHLO', '250-mail.test\r\n250 8BITMIME');
    if (verb === 'MAIL') {
      this.#from = /<(.*?)>/.exec(line)?.[1] ?? '';
      return this.#reply('MAIL', '250 2.1.0 ok');
    }
    if (verb === 'RCPT') {
      this.#to.push(/<(.*?)>/.exec(line)?.[1] ?? '');
      return this.#reply('RCPT', '250 2.1.5 ok');
    }
    if (verb === 'DATA') return this.#reply('DATA', '354 go ahead', () => (this.#isMessage = true));
    if (verb === 'QUIT') return void this.#socket.end('221 2.0.0 bye\r\n');
    if (verb === 'RSET' || verb === 'NOOP') return void this.#socket.write('250 2.0.0 ok\r\n');
    this.#socket.write('502 5.5.2 unknown\r\n');
  }

  #take(text: string): void {
    this.#isMessage = false;
    this.#reply('message', '250 2.0.0 queued', () => {
      const raw = text.replaceAll(/^\.\./gm, '.');
      const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ');
      const headers = new Map(
        head.split('\r\n').map((line) => {
          const colon = line.indexOf(':');
          return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
        }),
      );
      this.#keep({ from: this.#from, to: this.#to, headers, raw });
      if (this.#fault?.at === 'after message') this.#socket.destroy();
    });
  }

  #reply(step: Step, good: string, then: () => void = () => undefined): void {
    if (this.#fault?.at === step) {
      if (this.#fault.reply === 'cut') this.#socket.destroy();
      else this.#socket.write(`${this.#fault.reply}\r\n`);
      return;
    }
    then();
    if (!this.#socket.destroyed) this.#socket.write(`${good}\r\n`);
  }
}
