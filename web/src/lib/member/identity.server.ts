/** An e-mail address as a page may show it to anybody: enough to recognise one's own. `haneul@example.com`: `ha…@example.com` */
export function veiled(identity: { kind: string; value: string }): string {
  if (identity.kind !== 'email') return identity.value;
  const at = identity.value.lastIndexOf('@');
  if (at < 1) return `${identity.value.slice(0, 2)}…`;
  return `${[...identity.value.slice(0, at)].slice(0, 2).join('')}…${identity.value.slice(at)}`;
}
