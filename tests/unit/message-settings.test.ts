import { describe, expect, test } from 'vitest';
import { ConfigurationError, loadSettings } from '../../server/config.ts';

const messages = (env: Record<string, string>) => loadSettings({}, env, '/home/kim').messages;
const faultsOf = (env: Record<string, string>): readonly string[] => {
  try {
    messages(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
};
const SMTP = { SMTP_URL: 'smtps://kim:hunter2@mail.example.org', MAIL_FROM: 'Almanac <almanac@example.org>' };

describe('the settings of messages', () => {
  test('say by what they leave the house', () => {
    const env = {
      NOTIFY_WEBHOOK_URL: 'https://hooks.slack.com/services/T/B/x',
      NOTIFY_EMAIL: 'kim@example.org, lee@example.org,kim@example.org',
      ...SMTP,
      KAKAO_REST_API_KEY: 'app',
      KAKAO_REFRESH_TOKEN: 'refresh',
    };
    expect(messages(env)).toEqual({
      webhookUrl: 'https://hooks.slack.com/services/T/B/x',
      organiserEmails: ['kim@example.org', 'lee@example.org'],
      mail: { smtpUrl: SMTP.SMTP_URL, from: SMTP.MAIL_FROM, isLocal: false },
      kakao: {
        accessToken: null,
        renewal: { restApiKey: 'app', refreshToken: 'refresh' },
        apiUrl: 'https://kapi.kakao.com',
        authUrl: 'https://kauth.kakao.com',
      },
      model: null,
    });
  });

  test.each([
    ['claude', 'ANTHROPIC_API_KEY'],
    ['openai', 'OPENAI_API_KEY'],
    ['gemini', 'GEMINI_API_KEY'],
  ] as const)('of %s need its key and a model', (provider, key) => {
    expect(faultsOf({ LLM_PROVIDER: provider })).toEqual([
      `${key} is not set, but LLM_PROVIDER is "${provider}": set it, or LLM_PROVIDER=none.`,
      `LLM_MODEL is not set, but LLM_PROVIDER is "${provider}": set it, or LLM_PROVIDER=none.`,
    ]);
    const env = { LLM_PROVIDER: provider, LLM_MODEL: 'a-model', [key]: 'a-key' };
    expect(messages(env).model).toEqual({ provider, model: 'a-model', apiKey: 'a-key', url: null });
  });

  test.each([
    ['a webhook by http', { NOTIFY_WEBHOOK_URL: 'http://example.org/hook' }],
    ['a webhook that is a file', { NOTIFY_WEBHOOK_URL: 'file:///etc/passwd' }],
    ['a mail server by http', { ...SMTP, SMTP_URL: 'http://mail.example.org' }],
    ['a sender that begins another header', { ...SMTP, MAIL_FROM: 'Almanac <a@example.org\r\nBcc: b@example.org>' }],
    ['addresses of which one is none', { ...SMTP, NOTIFY_EMAIL: 'kim@example.org,lee' }],
    ['a sender without a server', { NOTIFY_EMAIL: 'kim@example.org' }],
    ['a server without a sender', { SMTP_URL: SMTP.SMTP_URL }],
    ['a token that nothing renews', { KAKAO_REFRESH_TOKEN: 'refresh' }],
    ['a model of nobody', { LLM_MODEL: 'a-model' }],
    ['a provider nobody knows', { LLM_PROVIDER: 'eliza' }],
    ['an address of a model by http', { LLM_URL: 'http://example.org' }],
  ])('refuse %s', (_what, env) => expect(faultsOf(env)).toHaveLength(1));

  test('never show a secret', () => {
    const secrets = { NOTIFY_WEBHOOK_URL: 'http://example.org/s3cret', SMTP_URL: 'http://kim:s3cret@example.org' };
    expect(faultsOf({ ...secrets, MAIL_FROM: SMTP.MAIL_FROM }).join()).not.toContain('s3cret');
  });
});
