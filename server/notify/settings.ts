import { z } from 'zod';
import { isLoopback } from '../request-guard.ts';
import type { ModelSettings, Provider } from '../motivate/llm.ts';
import { isAddress, senderOf } from './email.ts';

/** By what messages leave the house, and what writes motivations; null: not at all. URLs end without a slash. */
export type MessageSettings = {
  readonly webhookUrl: string | null;
  /** Addresses the organiser reads. */
  readonly organiserEmails: readonly string[];
  readonly mail: { readonly smtpUrl: string; readonly from: string; readonly isLocal: boolean } | null;
  readonly kakao: {
    readonly accessToken: string | null;
    readonly renewal: { readonly restApiKey: string; readonly refreshToken: string } | null;
    readonly apiUrl: string;
    readonly authUrl: string;
  } | null;
  readonly model: ModelSettings | null;
};

/** What is sent over http can be read on its way, unless it never leaves this machine. */
const isSafe = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  return (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) && username + password === '';
};
const https = { error: 'expected an https:// address (http:// for this machine only)' };
const base = z
  .string()
  .refine(isSafe, https)
  .transform((text) => text.replace(/\/+$/, ''));
const secret = z.string().nullable().default(null);
const isSender = (text: string): boolean => {
  try {
    return senderOf(text) !== null;
  } catch {
    return false;
  }
};

export const messageVariables = {
  NOTIFY_WEBHOOK_URL: z.string().refine(isSafe, https).nullable().default(null),
  NOTIFY_EMAIL: z
    .string()
    .transform((text) => [...new Set(text.split(',').map((one) => one.trim()))].filter(Boolean))
    .refine((addresses) => addresses.every(isAddress), { error: 'expected e-mail addresses, separated by commas' })
    .default([]),
  SMTP_URL: z
    .string()
    .refine((text) => URL.canParse(text) && /^smtps?:$/.test(new URL(text).protocol) && new URL(text).hostname !== '', {
      error: 'expected a mail server such as smtps://user:password@mail.example.org',
    })
    .nullable()
    .default(null),
  MAIL_FROM: z
    .string()
    .refine(isSender, { error: 'expected an address, such as Almanac <almanac@example.org>' })
    .nullable()
    .default(null),
  KAKAO_ACCESS_TOKEN: secret,
  KAKAO_REST_API_KEY: secret,
  KAKAO_REFRESH_TOKEN: secret,
  KAKAO_API_URL: base.default('https://kapi.kakao.com'),
  KAKAO_AUTH_URL: base.default('https://kauth.kakao.com'),
  LLM_PROVIDER: z.enum(['claude', 'openai', 'gemini', 'none']).default('none'),
  LLM_MODEL: z.string().nullable().default(null),
  LLM_URL: base.nullable().default(null),
  ANTHROPIC_API_KEY: secret,
  OPENAI_API_KEY: secret,
  GEMINI_API_KEY: secret,
};
type Variable = keyof typeof messageVariables;

/** What must not be seen: a webhook's address lets whoever knows it post, and a mail server's has a password in it. */
export const MESSAGE_SECRETS = [
  'NOTIFY_WEBHOOK_URL',
  'SMTP_URL',
  'KAKAO_ACCESS_TOKEN',
  'KAKAO_REST_API_KEY',
  'KAKAO_REFRESH_TOKEN',
  'ANTHROPIC_API_KEY',
  'OPENAI_API_KEY',
  'GEMINI_API_KEY',
] as const satisfies readonly Variable[];

/** The first of each says nothing without the second. */
export const MESSAGE_PAIRS = [
  ['NOTIFY_EMAIL', 'SMTP_URL', 'e-mail needs a server that sends it'],
  ['SMTP_URL', 'MAIL_FROM', 'e-mail needs an address it comes from'],
  ['KAKAO_REFRESH_TOKEN', 'KAKAO_REST_API_KEY', 'a token is renewed by both'],
  ['LLM_MODEL', 'LLM_PROVIDER', 'say whose model it is'],
] as const satisfies readonly (readonly [Variable, Variable, string])[];

const KEYS: Record<Provider, Variable> = {
  claude: 'ANTHROPIC_API_KEY',
  openai: 'OPENAI_API_KEY',
  gemini: 'GEMINI_API_KEY',
};
const isProvider = (text: string | undefined): text is Provider => text !== undefined && Object.hasOwn(KEYS, text);

/** What is missing of a provider that was chosen. @param given what was set at all */
export function modelFaults(given: Readonly<Partial<Record<string, string>>>): string[] {
  const provider = given['LLM_PROVIDER'];
  if (!isProvider(provider)) return [];
  return [KEYS[provider], 'LLM_MODEL']
    .filter((name) => given[name] === undefined)
    .map((name) => `${name} is not set, but LLM_PROVIDER is "${provider}": set it, or LLM_PROVIDER=none.`);
}

type Read = { readonly [Name in Variable]: z.output<(typeof messageVariables)[Name]> };

/** @param read variables without a fault */
export function messageSettings(read: Read): MessageSettings {
  const {
    SMTP_URL: smtpUrl,
    MAIL_FROM: from,
    KAKAO_REST_API_KEY: restApiKey,
    KAKAO_REFRESH_TOKEN: refreshToken,
  } = read;
  const renewal = restApiKey !== null && refreshToken !== null ? { restApiKey, refreshToken } : null;
  const accessToken = read.KAKAO_ACCESS_TOKEN;
  const { KAKAO_API_URL: apiUrl, KAKAO_AUTH_URL: authUrl } = read;
  return {
    webhookUrl: read.NOTIFY_WEBHOOK_URL,
    organiserEmails: read.NOTIFY_EMAIL,
    mail: smtpUrl !== null && from !== null ? { smtpUrl, from, isLocal: isLoopback(new URL(smtpUrl).hostname) } : null,
    kakao: accessToken !== null || renewal !== null ? { accessToken, renewal, apiUrl, authUrl } : null,
    model: modelOf(read),
  };
}

function modelOf(read: Read): ModelSettings | null {
  const { LLM_PROVIDER: provider, LLM_MODEL: model, LLM_URL: url } = read;
  if (provider === 'none' || model === null) return null;
  const apiKey = { claude: read.ANTHROPIC_API_KEY, openai: read.OPENAI_API_KEY, gemini: read.GEMINI_API_KEY }[provider];
  return apiKey === null ? null : { provider, apiKey, model, url };
}
