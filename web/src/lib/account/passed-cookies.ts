type Cookie = { name: string; value: string };

/** A `Cookie` header of what the browser holds by now. */
export const cookieHeader = (cookies: readonly Cookie[]): string =>
  cookies.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join('; ');

/** One `Set-Cookie` line of our own API, which says of every cookie that it is for this whole site and for no script. */
export function cookieOf(line: string) {
  const [pair = '', ...attributes] = line.split(/; */);
  const parted = pair.indexOf('=');
  const age = attributes.map((attribute) => /^max-age=(\d+)$/i.exec(attribute)?.[1]).find(Boolean);
  return {
    name: pair.slice(0, parted),
    value: decodeURIComponent(pair.slice(parted + 1)),
    path: '/',
    httpOnly: true,
    secure: true,
    sameSite: 'lax' as const,
    ...(age !== undefined && { maxAge: Number(age) }),
  };
}
