import type SMTPTransport from 'nodemailer/lib/smtp-transport';
import { DeliveryFailed, fitted, oneLine, plainText, type Channel, type Outgoing } from './channel.ts';

type Given = {
  /** `smtps://user:password@mail.example.org`, or `smtp://`, which must offer STARTTLS unless it is this machine. */
  readonly smtpUrl: string;
  /** `Almanac <almanac@example.org>` or an address. */
  readonly from: string;
  /** The mail server is this machine. */
  readonly isLocal: boolean;
};

const TIMEOUT_MS = 20_000;
/** RFC 5322, 2.1.1: a line has at most 998 characters; nobody reads that many. */
const SUBJECT_MOST = 200;
const TEXT_MOST = 20_000;

/** A single address without anything that could end a header or begin another recipient. */
const ADDRESS = /^[^\s<>()[\]\\,;:"@\p{Cc}]{1,64}@[a-z\d](?:[a-z\d.-]{0,250}[a-z\d])?$/iu;
export const isAddress = (text: string): boolean => ADDRESS.test(text);

/** E-mail by SMTP. */
export function emailChannel({ smtpUrl, from, isLocal }: Given): Channel {
  const sender = senderOf(from);
  return {
    name: 'email',
    async send(message, to, idempotencyKey, signal) {
      if (!isAddress(to)) throw new DeliveryFailed('This is no e-mail address.', { retryable: false });
      signal.throwIfAborted();
      // Loaded when the first mail is sent: most servers send none.
      const { createTransport } = await import('nodemailer');
      const transport = createTransport(transportOf(smtpUrl, isLocal));
      try {
        await unlessAborted(transport.sendMail(mailOf(message, { sender, to, idempotencyKey })), signal);
      } catch (error) {
        throw failureOf(error);
      } finally {
        transport.close();
      }
    },
  };
}

type Sender = { readonly name: string; readonly address: string };

/** @throws {TypeError} for what is no sender */
export function senderOf(from: string): Sender {
  const [, name = '', address = from] = /^\s*"?([^"<>]*?)"?\s*<([^<>]+)>\s*$/.exec(from) ?? [];
  if (!isAddress(address.trim())) throw new TypeError('expected an address, such as Almanac <almanac@example.org>');
  return { name: oneLine(name), address: address.trim() };
}

function transportOf(smtpUrl: string, isLocal: boolean): SMTPTransport.Options {
  const url = new URL(smtpUrl);
  const secure = url.protocol === 'smtps:';
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port) || (secure ? 465 : 587),
    secure,
    requireTLS: !secure && !isLocal,
    ...(url.username !== '' && {
      auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    dnsTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function mailOf(
  { title, text, url }: Outgoing,
  { sender, to, idempotencyKey }: { sender: Sender; to: string; idempotencyKey: string },
) {
  const body = fitted(plainText(text), TEXT_MOST);
  return {
    from: sender,
    to: { name: '', address: to },
    subject: fitted(oneLine(title), SUBJECT_MOST),
    text: url === undefined ? body : `${body}\n\n${url}`,
    // Sent again after nobody heard that it had arrived, it is the same message to whoever reads it.
    messageId: `<${idempotencyKey}@${sender.address.split('@')[1]}>`,
    // RFC 3834: no holiday answers itself.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  };
}

type SmtpError = Error & { responseCode?: number; code?: string };

/** 4xx is for now, 5xx for good (RFC 5321, 4.2.1). Answers of servers quote addresses: only their number is told. */
function failureOf(error: unknown): DeliveryFailed {
  if (error instanceof DeliveryFailed) return error;
  const { responseCode, code } = error as SmtpError;
  if (responseCode !== undefined)
    return new DeliveryFailed(
      `The mail server answered with ${responseCode}${code === 'EAUTH' ? ' to the password' : ''}.`,
      {
        retryable: responseCode < 500 && code !== 'EAUTH',
      },
    );
  if (code === 'ETLS') return new DeliveryFailed('The mail server offers no encryption.', { retryable: false });
  return new DeliveryFailed(`The mail server cannot be reached${code === undefined ? '' : ` (${code})`}.`, {
    retryable: true,
  });
}

/** A mail that is given up may still arrive: the connection cannot be called back. */
async function unlessAborted<Answer>(sending: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(new DeliveryFailed('Sending was broken off.', { retryable: true }));
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([sending, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
    sending.catch(() => undefined);
  }
}
