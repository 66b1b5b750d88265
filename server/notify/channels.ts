import { ORGANISER } from '../../domain/notification.ts';
import type { Log } from '../log.ts';
import type { Vault } from '../vault/vault.ts';
import type { Channel } from './channel.ts';
import { emailChannel } from './email.ts';
import { kakaoChannel, type KeptToken } from './kakao.ts';
import type { MessageSettings } from './settings.ts';
import { webhookChannel } from './webhook.ts';

/** Somebody who can be told something, and how. */
export type Target = {
  readonly channel: Channel;
  /** Empty where the channel needs no address. */
  readonly to: string;
  /** As the log names them. */
  readonly recipient: string;
};

export type Channels = {
  /** Ways of reaching the organiser; none: nothing is configured. */
  readonly organiser: readonly Target[];
  /** E-mail to members; null: no mail server is configured. */
  readonly email: Channel | null;
};

type Given = {
  readonly settings: MessageSettings;
  readonly vault: Pick<Vault, 'secret' | 'putSecret'>;
  /** A name for an address that tells nobody what it is. */
  readonly fingerprint: (...parts: string[]) => string;
  readonly now: () => number;
  readonly log: Log;
};

/** What the settings configure. */
export function openChannels({ settings, vault, fingerprint, now, log }: Given): Channels {
  const { webhookUrl, mail, kakao, organiserEmails } = settings;
  const email = mail && emailChannel(mail);
  return {
    email,
    organiser: [
      ...(webhookUrl === null
        ? []
        : [{ channel: webhookChannel({ url: webhookUrl, now }), to: '', recipient: ORGANISER }]),
      ...(email === null
        ? []
        : organiserEmails.map((to) => ({
            ...{ channel: email, to },
            recipient: `${ORGANISER}:${fingerprint('organiser', to.toLowerCase()).slice(0, 8)}`,
          }))),
      ...(kakao === null
        ? []
        : [{ channel: kakaoChannel({ ...kakao, kept: keptIn(vault, log), now }), to: '', recipient: ORGANISER }]),
    ],
  };
}

/** Under these the vault keeps what Kakao gave instead of the refresh token of the settings. */
const KEEPER = 'operator';
const TOKEN = 'kakao-refresh-token';

const keptIn = (vault: Given['vault'], log: Log): KeptToken => ({
  get: () => vault.secret(KEEPER, TOKEN),
  put(token) {
    try {
      vault.putSecret(KEEPER, TOKEN, token);
    } catch (err) {
      // The message can be sent all the same, and Kakao gives another one the next time.
      log.warn({ err }, 'The new refresh token of KakaoTalk could not be kept');
    }
  },
});
