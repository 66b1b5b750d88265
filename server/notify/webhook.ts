import {
  DeliveryFailed,
  failedAnswer,
  fitted,
  noAnswer,
  oneLine,
  plainText,
  type Channel,
  type Outgoing,
} from './channel.ts';

/** Slack cuts above 40,000 characters and advises 4,000: https://docs.slack.dev/reference/methods/chat.postMessage */
const SLACK_MOST = 4_000;
/** https://discord.com/developers/docs/resources/webhook#execute-webhook */
const DISCORD_MOST = 2_000;
const SUPPRESS_EMBEDS = 1 << 2;
const TIMEOUT_MS = 15_000;

type Given = {
  /** Whoever knows it may post: it is never logged. */
  readonly url: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** An incoming webhook of Slack, of Discord, or of whatever takes JSON as one of them does. */
export function webhookChannel({ url, now }: Given): Channel {
  const dialect = dialectOf(url);
  return {
    name: 'webhook',
    async send(message, _to, idempotencyKey, signal) {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        body: JSON.stringify(bodyOf(dialect, message)),
        // It could lead anywhere, also to what only this server reaches.
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      }).catch((error: unknown) => {
        throw noAnswer('The webhook', error);
      });
      await answer.body?.cancel();
      if (answer.status >= 300 && answer.status < 400)
        throw new DeliveryFailed(`The webhook has moved (${answer.status}): set its new address.`, {
          retryable: false,
        });
      if (!answer.ok) throw failedAnswer('The webhook', answer, now());
    },
  };
}

export type Dialect = 'slack' | 'discord' | 'either';

/** Whose webhook it is, by its host. */
export function dialectOf(url: string): Dialect {
  const { hostname } = new URL(url);
  if (hostname === 'hooks.slack.com' || hostname === 'hooks.slack-gov.com') return 'slack';
  return /(^|\.)(discord|discordapp)\.com$/.test(hostname) ? 'discord' : 'either';
}

/** The message as JSON. Nobody can be called by a name in it, and no name can become a link. */
export function bodyOf(dialect: Dialect, message: Outgoing): Record<string, unknown> {
  const slack = () => ({
    text: slackText(message),
    mrkdwn: false,
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
  });
  const discord = () => ({
    content: discordText(message),
    allowed_mentions: { parse: [] },
    flags: SUPPRESS_EMBEDS,
  });
  if (dialect === 'slack') return slack();
  return dialect === 'discord' ? discord() : { ...slack(), ...discord() };
}

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
const escapedForSlack = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const escapedForDiscord = (text: string) => text.replaceAll(/[\\*_~`|>[\]()#<@:-]/g, String.raw`\$&`);

const slackText = (message: Outgoing) => within(message, escapedForSlack, SLACK_MOST);
const discordText = (message: Outgoing) => within(message, escapedForDiscord, DISCORD_MOST);

/** Escaping makes it longer, and must not be cut through: the text is shortened until what is made of it fits. */
function within({ title, text, url }: Outgoing, escape: (text: string) => string, most: number): string {
  const head = escape(fitted(oneLine(title), 200));
  const end = url === undefined ? '' : `\n${url}`;
  const left = most - head.length - 1 - end.length;
  for (let length = left; ; length = Math.floor(length * 0.9)) {
    const body = escape(fitted(plainText(text), length));
    if (body.length <= left) return `${head}\n${body}${end}`;
  }
}
