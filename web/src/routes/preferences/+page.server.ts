import { redirect, type Cookies } from '@sveltejs/kit';
import { backTo } from '#lib/addresses.ts';
import { chooseLanguage, LANGUAGE_COOKIE } from '#lib/i18n/language.ts';
import { chooseTheme, THEME_COOKIE } from '#lib/site/theme.ts';
import type { Actions, PageServerLoad } from './$types.d.ts';

const A_YEAR = 365 * 24 * 60 * 60;

/** Kept readable over plain http: almanac usually runs on the reader's own machine. */
const remember = (cookies: Cookies, name: string, value: string) =>
  cookies.set(name, value, { path: '/', maxAge: A_YEAR, sameSite: 'lax', httpOnly: true, secure: false });

/** There is nothing to read here; the switches in the header post to it. */
export const load: PageServerLoad = () => redirect(303, '/');

export const actions: Actions = {
  language: async ({ cookies, request, url }) => {
    const form = await request.formData();
    const choice = String(form.get('language'));
    remember(cookies, LANGUAGE_COOKIE, chooseLanguage(choice, request.headers.get('accept-language')));
    redirect(303, backTo(form.get('next'), url.origin));
  },
  theme: async ({ cookies, request, url }) => {
    const form = await request.formData();
    remember(cookies, THEME_COOKIE, chooseTheme(String(form.get('theme'))));
    redirect(303, backTo(form.get('next'), url.origin));
  },
};
