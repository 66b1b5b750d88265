type Choice = { name: string; connected: boolean };

/** Those whose names hold every word that is looked for; what is connected first, then by name. */
export function found<Item extends Choice>(choices: readonly Item[], query: string): Item[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return choices
    .filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)))
    .toSorted((a, b) => Number(b.connected) - Number(a.connected) || a.name.localeCompare(b.name, 'en'));
}
